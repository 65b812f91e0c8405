import type { MagicContext } from "../magic.ts";

/** How npm's log is read: packages found, then packages unpacked, move a bar. */
export interface InstallLog {
  /** Takes a piece of npm's stderr. */
  take(text: string): void;
  /** Lines for the reader so far: warnings, errors, and what is not of npm's own log. */
  readonly said: string;
}

/** Does work in which npm runs, once or more, under one progress bar. */
export async function withInstallLog<T>(
  label: string,
  { output }: MagicContext,
  work: (log: InstallLog) => Promise<T>,
): Promise<T> {
  const { progress } = await import("../../display/progress.ts");
  const bar = progress.start({ label, unit: "packages" });
  try {
    const done = await work(
      readInstallLog(
        (unpacked, found) => (unpacked === 0 ? bar.set(found) : bar.set(unpacked, Math.max(unpacked, found))),
        // An error is told at the end, in the cell's error.
        (line) => void (line.startsWith("npm error") || output.stream("stderr", `${line}\n`)),
      ),
    );
    bar.done();
    return done;
  } catch (error) {
    bar.fail();
    throw error;
  }
}

/** Reads npm's log at the level `silly`. */
function readInstallLog(move: (unpacked: number, found: number) => void, tell: (line: string) => void): InstallLog {
  let rest = "";
  let said = "";
  let found = 0;
  const unpacked = new Set<string>();
  const read = (line: string): void => {
    // An archive is told of twice where npm asks whether its copy is still good.
    const archive = /^npm http (?:fetch GET 200|cache) \S*?(https?:\S*\.tgz) /.exec(line)?.[1];
    if (archive !== undefined) move(unpacked.add(archive).size, found);
    else if (line.startsWith("npm silly placeDep ")) move(unpacked.size, (found += 1));
    else if (!ofNpm.test(line)) {
      said += `${line}\n`;
      tell(line);
    }
  };
  return {
    take(text) {
      const lines = (rest + text).split(/\r?\n/);
      rest = lines.pop() ?? "";
      for (const line of lines) read(line);
    },
    get said() {
      return rest === "" ? said : `${said}${rest}\n`;
    },
  };
}

/** Lines of npm's log that tell a reader nothing. */
const ofNpm = /^npm (?:(?:silly|http|verbose|info|timing|notice) |warn Unknown .*config)/;
