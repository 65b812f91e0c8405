import { parseArguments, usageError } from "./arguments.ts";
import { configPaths } from "./connections/config-file.ts";
import { type Established, check, establish, usualName } from "./connections/establish.ts";
import { titleOf } from "./connections/kinds.ts";
import { asMagicError, configNotes } from "./connections/lookup.ts";
import { type Listed, findTarget, listConnections } from "./connections/registry.ts";
import { type UrlChanges, changeUrl, kindOfUrl, splitTarget } from "./connections/target.ts";
import { tomlFor, warnOfPassword } from "./connections/typed-password.ts";
import { listing } from "./listing.ts";
import { type Magic, type MagicContext, MagicError } from "./magic.ts";

/** `%connect` makes, checks and lists connections. */
export const connectMagic: Magic = {
  name: "connect",
  summary: "%connect [URL|NAME] [--as NAME] [--ask]  connect to a database by its URL or name, or list the connections",
  line: "template",
  takes: {
    options: { "--as": [], "--ask": "flag", "--tls": ["off", "prefer", "require", "verify"], "--tls-ca": "file" },
    words: (before) => (before.length === 0 ? "connection" : []),
  },
  help: `\`\`\`ts
%connect postgresql://app@db.example/shop --ask      // asks for the password; the name is "shop"
%connect sqlite:data/x.db --as local
%connect shop                                        // the one of connections.toml, or of DATABASE_URL ("database")
%connect                                             // lists all
\`\`\`

The server is asked at once, and the connection is kept only if it answers. Then \`%%sql shop\`, or \`connect("shop")\` in code.

- URLs begin with \`postgresql:\`, \`mysql:\`, \`sqlite:\`, \`duckdb:\`, \`mongodb:\`, \`redis:\` and their like.
- \`--ask\` asks for the password, so that it stands in no file. \`--as\` gives another name than the database's.
- \`--tls off|prefer|require|verify\` says how it is encrypted, \`--tls-ca FILE\` whose certificates are trusted; both can stand
  in the URL, as can \`connect_timeout=60s\` and \`pool_max=4\`.
- Connections of \`connections.toml\` need no \`%connect\`: the file lies beside the notebook, or in \`~/.config/typhoon/\`.

\`\`\`toml
[shop]
url = "postgresql://app@db.example/shop"
password = "\${env:SHOP_PASSWORD}"
\`\`\``,
  async run({ line, assigned }, context) {
    const { words, flags, options } = parseArguments(connectMagic, line, {
      flags: { ask: ["--ask"] },
      options: { as: ["--as"], tls: ["--tls"], ca: ["--tls-ca"] },
      words: [0, 1],
    });
    const [word] = words;
    context.signal.throwIfAborted();
    if (word === undefined) {
      const [extra] = [...Object.keys(options), ...(flags.ask ? ["ask"] : [])];
      if (extra !== undefined) throw usageError(connectMagic, `--${extra} needs a URL or a name before it`);
      return list(context, assigned);
    }
    const parameters = {
      ...(options.tls !== undefined && { tls: options.tls }),
      ...(options.ca !== undefined && { tls_ca: options.ca }),
    };
    const isUrl = word.includes(":");
    const isChanged = flags.ask || Object.keys(parameters).length > 0;
    const established =
      !isUrl && !isChanged && options.as === undefined
        ? await check(word, context.signal)
        : await connectTo(word, isUrl, { parameters }, { ask: flags.ask, name: options.as }, context);
    if (isUrl) warnOfPassword(established.target, context.source ?? line.strings.join("\n"), context);
    if (!assigned) context.output.stream("stdout", `${describe(established)}\n`);
    return assigned ? (await import("./connections/connect.ts")).handleOf(established) : undefined;
  },
};

async function connectTo(
  word: string,
  isUrl: boolean,
  changes: UrlChanges,
  { ask, name }: { readonly ask: boolean; readonly name: string | undefined },
  context: MagicContext,
): Promise<Established> {
  const target = isUrl ? undefined : await findTarget(word);
  if (!isUrl && !target) return check(word, context.signal); // which says what there is
  const url = target?.url() ?? word;
  const password = ask
    ? { password: await askPassword(url, name ?? target?.name ?? asMagicError(() => usualName(url)), context) }
    : {};
  const whole = asMagicError(() => changeUrl(url, { ...changes, ...password }));
  return establish(name ?? target?.name, whole, context.signal);
}

async function askPassword(url: string, name: string, { input, folder }: MagicContext): Promise<string> {
  const { user, hosts } = asMagicError(() => splitTarget({ kind: kindOfUrl(url), url: () => url }));
  const where = [user, hosts[0]?.host].filter(Boolean).join("@");
  try {
    return await input(`Password${where === "" ? "" : ` of ${where}`}: `, true);
  } catch (error) {
    if ((error as Error).name !== "StdinNotAllowed") throw error;
    const [beside] = configPaths(folder);
    throw new MagicError(
      "connect",
      `nobody can be asked for the password here. Write into ${beside}\n\n${tomlFor(name, url)}\n\n` +
        `set that environment variable, and connect by \`%connect ${name}\``,
      { name: "StdinNotAllowed", cause: error },
    );
  }
}

function describe({ target, version }: Established): string {
  return `${version} at ${target.where}, connection "${target.name}"`;
}

const states = { idle: "not used yet", open: "open", lost: "lost, connects again at its next use" } as const;

async function list({ output }: MagicContext, assigned: boolean): Promise<unknown> {
  const connections = await listConnections();
  const rows = connections.map(toRow);
  if (assigned) return rows;
  for (const text of configNotes()) output.stream("stderr", `%connect: ${text}.\n`);
  const columns = ["name", "system", "where", "state", "from"] as const;
  if (rows.length > 0)
    output.display(
      listing(
        columns,
        rows.map((row) => columns.map((column) => row[column])),
      ),
    );
  else
    output.stream("stdout", "No connections yet. `%connect URL` makes one; `%connect?` says how URLs are written.\n");
  return undefined;
}

function toRow({
  name,
  target,
  state,
  source,
  problem,
}: Listed): Record<"name" | "system" | "where" | "state" | "from", string> {
  return {
    name,
    system: target ? titleOf(target.kind) : "",
    where: target?.where ?? "",
    state: problem ?? states[state],
    from: source,
  };
}
