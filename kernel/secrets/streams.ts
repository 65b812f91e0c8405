import type { StreamName } from "../protocol/contents.ts";
import { dots } from "../../magics/mask-secrets.ts";
import type { Scrubber } from "./scrubber.ts";

/** The streams of all cells, free of secrets also where a write ends within one. */
export interface ScrubbedStreams {
  /** Returns what of a text can be shown now. `isLast` where nothing else of that cell will let go what is held back. */
  take(cell: string, name: StreamName, text: string, isLast: boolean): string;
  /** Returns what is held back of a cell's stream. */
  release(cell: string, name: StreamName): string;
}

interface Stream {
  /** The end of what was shown: a secret may have begun in it. */
  shown: string;
  /** May be the beginning of a secret, and is not shown yet. */
  held: string;
}

// Streams whose end is remembered: timers of ended cells print on.
const mostStreams = 200;

/** Creates the streams; a text that is the beginning of a secret waits for what follows it. */
export function createScrubbedStreams(scrubber: Scrubber): ScrubbedStreams {
  const streams = new Map<string, Stream>();

  function streamOf(cell: string, name: StreamName): Stream {
    const key = `${name} ${cell}`;
    const stream = streams.get(key) ?? { shown: "", held: "" };
    streams.delete(key); // to the end
    streams.set(key, stream);
    if (streams.size > mostStreams) streams.delete(streams.keys().next().value!);
    return stream;
  }

  return {
    take(cell, name, text, isLast) {
      const stream = streamOf(cell, name);
      const seen = stream.shown.length;
      const whole = stream.shown + stream.held + text;
      let clean = "";
      let at = seen;
      for (const { start, end } of scrubber.find(whole)) {
        if (end <= seen) continue;
        clean += whole.slice(at, Math.max(start, at)) + dots;
        at = end;
      }
      const begun = isLast ? 0 : Math.min(scrubber.begun(whole.slice(at > seen ? at : 0)), whole.length - at);
      const until = whole.length - begun;
      stream.held = whole.slice(until);
      // What has ended within a secret begins none.
      stream.shown = whole.slice(at > seen ? at : 0, until).slice(-scrubber.longest);
      return clean + whole.slice(at, until);
    },
    release(cell, name) {
      const stream = streams.get(`${name} ${cell}`);
      if (!stream?.held) return "";
      const { held } = stream;
      stream.shown = (stream.shown + held).slice(-scrubber.longest);
      stream.held = "";
      return held;
    },
  };
}
