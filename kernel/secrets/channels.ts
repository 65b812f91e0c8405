import { maskUrls } from "../../magics/mask-secrets.ts";
import type { Channels } from "../protocol/channels.ts";
import type { Contents, MessageType } from "../protocol/contents.ts";
import type { Header } from "../protocol/message.ts";
import type { Scrubber } from "./scrubber.ts";
import { createScrubbedStreams } from "./streams.ts";

type Parent = Partial<Header> | undefined;

/** Keeps secrets out of everything that leaves through these channels; costs nothing while there is none. */
export function withoutSecrets(channels: Channels, scrubber: Scrubber): Channels {
  const streams = createScrubbedStreams(scrubber);
  const running = new Set<string>();
  const idOf = (parent: Parent): string => parent?.msg_id ?? "";

  /** Shows what is held back of a cell, before something else of it. */
  function release(parent: Parent): void {
    for (const name of ["stdout", "stderr"] as const) {
      const text = streams.release(idOf(parent), name);
      if (text !== "") channels.publish("stream", { name, text }, parent);
    }
  }

  const publish: Channels["publish"] = (type, content, parent, metadata, buffers) => {
    if (type === "status") noteStatus((content as Contents["status"]).execution_state, parent);
    if (!scrubber.isActive) {
      channels.publish(type, withoutPasswords(type, content), parent, metadata, buffers);
      return;
    }
    if (type === "stream") {
      const { name, text } = content as Contents["stream"];
      const clean = streams.take(idOf(parent), name, text, !running.has(idOf(parent)));
      if (clean !== "") channels.publish("stream", { name, text: clean }, parent);
      return;
    }
    release(parent);
    channels.publish(type, ...scrubbed(type, content, parent, metadata, buffers));
  };

  function noteStatus(state: string, parent: Parent): void {
    if (state === "busy") running.add(idOf(parent));
    if (state !== "idle") return;
    running.delete(idOf(parent));
    if (scrubber.isActive) release(parent);
  }

  function scrubbed<T extends MessageType>(
    type: T,
    content: Contents[T],
    parent: Parent,
    metadata: Record<string, unknown> | undefined,
    buffers: readonly Uint8Array[] | undefined,
  ): [Contents[T], Parent, Record<string, unknown> | undefined, readonly Uint8Array[] | undefined] {
    return [
      scrubber.scrubValue(withoutPasswords(type, content)),
      parent,
      metadata && scrubber.scrubValue(metadata),
      buffers?.map((bytes) => scrubber.scrubBytes(bytes)),
    ];
  }

  const message: Channels["codec"]["message"] = (type, content, parent, metadata, buffers) => {
    if (!scrubber.isActive)
      return channels.codec.message(type, withoutPasswords(type, content), parent, metadata, buffers);
    if (type === "input_request") release(parent);
    return channels.codec.message(type, ...scrubbed(type, content, parent, metadata, buffers));
  };
  return Object.assign(Object.create(channels) as Channels, { publish, codec: { ...channels.codec, message } });
}

/** A cell's code and errors quote what was typed before anybody has connected to it. */
function withoutPasswords<T extends MessageType>(type: T, content: Contents[T]): Contents[T] {
  if (type === "execute_input") {
    const input = content as Contents["execute_input"];
    return { ...input, code: maskUrls(input.code) } as Contents[T];
  }
  const isError = type === "error" || (type === "execute_reply" && "traceback" in content);
  if (!isError) return content;
  const { evalue, traceback, ...more } = content as Contents["error"];
  return { ...more, evalue: maskUrls(evalue), traceback: traceback.map(maskUrls) } as unknown as Contents[T];
}
