import { readFile } from "node:fs/promises";
import { parseArguments } from "./arguments.ts";
import { untilAborted } from "./abort.ts";
import { MagicError, type Magic } from "./magic.ts";
import { pathError, resolvePath } from "./paths.ts";

/** `%run` runs a file or another notebook in this notebook's names. */
export const run: Magic = {
  name: "run",
  summary: "%run FILE  run a TypeScript file, or every code cell of an .ipynb, in this notebook's names",
  line: "template",
  takes: { words: (before) => (before.length === 0 ? "file" : []) },
  help: `What the file declares is there in the next cells, as if its text had stood in this one.

\`\`\`ts
%run cleaning.ts
// its code cells in order, up to the first error:
%run 01-load.ipynb
\`\`\`

A file that only gives names away is better imported: \`import { clean } from "./cleaning.ts"\`.`,
  async run({ line }, context) {
    const path = resolvePath(parseArguments(run, line, { words: [1, 1] }).words[0]!);
    const text = await read(path, context.signal);
    const cells = path.endsWith(".ipynb") ? codeCells(path, text) : [{ source: text, file: path }];
    let value: unknown;
    for (const { source, file } of cells) {
      context.signal.throwIfAborted();
      value = await untilAborted(context.signal, context.run(source, file));
    }
    return value;
  },
};

interface Cell {
  readonly source: string;
  readonly file: string;
}

async function read(path: string, signal: AbortSignal): Promise<string> {
  try {
    return await readFile(path, { encoding: "utf8", signal });
  } catch (error) {
    throw pathError("run", path, error);
  }
}

/** Reads the code cells of a notebook file (nbformat 4). */
function codeCells(path: string, text: string): Cell[] {
  const notebook = parseNotebook(path, text);
  const language = notebook.metadata?.language_info?.name ?? notebook.metadata?.kernelspec?.language ?? "typescript";
  if (!/^(typescript|javascript)$/i.test(language)) {
    throw new MagicError("run", `${path} is a ${language} notebook; %run takes TypeScript and JavaScript`);
  }
  return notebook.cells.flatMap(({ cell_type, source }, i) => {
    const code = typeof source === "string" ? source : source.join("");
    return cell_type === "code" && code.trim() !== "" ? [{ source: code, file: `${path}#${i + 1}` }] : [];
  });
}

interface Notebook {
  readonly metadata?: {
    readonly language_info?: { readonly name?: string };
    readonly kernelspec?: { readonly language?: string };
  };
  readonly cells: readonly { readonly cell_type: string; readonly source: string | readonly string[] }[];
}

function parseNotebook(path: string, text: string): Notebook {
  let cause: unknown;
  try {
    const notebook = JSON.parse(text) as Partial<Notebook> | null;
    if (Array.isArray(notebook?.cells)) return notebook as Notebook;
  } catch (error) {
    cause = error;
  }
  throw new MagicError("run", `${path} is not a notebook of format 4; open it in Jupyter and save it again`, { cause });
}
