import { type Part, escapeTemplate, partsLiteral, stringLiteral, templateLiteral } from "./literals.ts";
import { isSecretName } from "../../magics/secret.ts";
import { startsSql } from "../../magics/sql/starters.ts";
import { mongoArguments } from "./mongo-form.ts";
import { type SqlNames, toSqlTemplate } from "./sql-text.ts";

/** A magic as it stands in a cell. Those that take code are not among them, see `code-magics.ts`. */
export interface MagicText {
  readonly name: string;
  /** What stands behind its name, without the `name <<` that keeps the result. */
  readonly line: readonly Part[];
  readonly body: readonly Part[] | undefined;
  /** The result is kept in a name. */
  readonly assigned: boolean;
}

/** What a magic becomes in a module. */
export type Form =
  | {
      /** An expression, or statements where the result is not kept. */
      readonly code: string;
      /** Whether its value is shown where it is the cell's last. */
      readonly value: boolean;
    }
  | {
      /** Why it is left out. */
      readonly why: string;
      /** What a name that keeps its result gets. */
      readonly kept?: string;
    };

/** What the forms need to know of the notebook. */
export interface FormContext {
  /** The name by which the module calls a function of the API or of Node. */
  api(name: string): string;
  readonly sql: SqlNames;
  /** The names that the cells above have declared. */
  names(): readonly string[];
  /** Whether a name is of the notebook, and not only a class of MongoDB's driver that it imports. */
  hasOwnName(name: string): boolean;
  /** Whether a cell goes back to the folder of before, by `%cd -`. */
  readonly goesBack: boolean;
  /** Text for a file, as Node can run it. */
  fileText(path: string, text: string): string;
  /** Files that the notebook has written so far; says whether this one was. */
  writes(path: string): boolean;
}

type MakeForm = (magic: MagicText, context: FormContext) => Form;

const ofNotebook = "it is about the notebook and its kernel";

const forms: Readonly<Record<string, MakeForm>> = {
  bash: ({ line, body = [], assigned }, { api }) => {
    const words = text(line) === "" ? "" : ` bash ${escapeTemplate(text(line))}`;
    return shell(`bash -c \${${templateLiteral(body)}}${words}`, assigned, api);
  },
  cd: ({ line, assigned }, { api, goesBack }) => {
    const folder = text(line);
    // The magic goes back only to where it has been itself.
    if (goesBack && assigned)
      return {
        code: `(await ${api("capture")}(() => ${api("magic")}("cd", ${quoted(line)})), process.cwd())`,
        value: true,
      };
    if (goesBack) return { code: `await ${api("magic")}("cd", ${quoted(line)})`, value: false };
    if (folder === "" || folder === "-" || /^~|["'\\]/.test(folder)) return call("cd", line, undefined, api);
    const change = `process.chdir(${partsLiteral(line)})`;
    if (assigned) return { code: `(${change}, process.cwd())`, value: true };
    return { code: `${change};\nconsole.log(process.cwd());`, value: false };
  },
  config: () => ({ why: "it sets the kernel" }),
  connect: ({ line, assigned }, { api }) => {
    const [, word, name] = /^([^\s"'\\$-][^\s"'\\$]*)(?:\s+--as[\s=]+([\p{L}\p{N}_-]+))?$/u.exec(text(line)) ?? [];
    // Kept, it is a typed handle.
    if (!assigned || word === undefined) return call("connect", line, undefined, api, assigned);
    const options = name === undefined ? "" : `, { as: ${JSON.stringify(name)} }`;
    return { code: `await ${api("connect")}(${JSON.stringify(word)}${options})`, value: true };
  },
  env: ({ line, assigned }, { api }) => {
    const [, name, value] = /^([\p{ID_Start}_][\p{ID_Continue}]*)(?:\s*=\s*|\s+|$)(.*)$/su.exec(text(line)) ?? [];
    if (name === undefined || value === undefined) return call("env", line, undefined, api, assigned);
    const variable = `process.env[${JSON.stringify(name)}]`;
    if (value === "") return { code: variable, value: true };
    const [first = "", ...rest] = line;
    const head =
      typeof first === "string"
        ? first
            .trimStart()
            .slice(name.length)
            .replace(/^\s*=?\s*/, "")
        : first;
    const unquoted = /^(["'])(.*)\1$/s.exec(value)?.[2];
    const literal = unquoted === undefined ? partsLiteral([head, ...rest]) : stringLiteral(unquoted);
    if (assigned) return { code: `(${variable} = ${literal})`, value: true };
    if (isSecretName(name)) return { code: `${variable} = ${literal};`, value: false };
    return { code: `${variable} = ${literal};\nconsole.log(\`${name}=\${${variable}}\`);`, value: false };
  },
  export: () => ({ why: ofNotebook }),
  history: () => ({ why: ofNotebook, kept: "[] as string[]" }),
  html: rich("html"),
  javascript: rich("javascript"),
  js: rich("javascript"),
  latex: rich("latex"),
  load: ({ line, assigned }, { api }) =>
    assigned
      ? { code: `await ${api("readFile")}(${partsLiteral(line)}, "utf8")`, value: true }
      : { why: "it puts the file's text into its cell" },
  lsmagic: ({ line, assigned }, { api }) => ({
    ...call("lsmagic", line, undefined, api, assigned),
    value: assigned,
  }),
  markdown: rich("markdown"),
  mongo: ({ line, body, assigned }, context) => {
    const given = mongoArguments({ line, body }, context.hasOwnName);
    if (!given) return call("mongo", line, body, context.api, assigned);
    return { code: `await ${context.api("magic")}("mongo", ${given.join(", ")})`, value: true };
  },
  npm: ({ line, assigned }, { api }) => {
    const [command = ""] = text(line).split(/\s+/);
    if (/^(?:add|i|in|install|ci|init|remove|rm|r|un|uninstall|update|up|upgrade|dedupe|prune|link|pkg)$/.test(command))
      return { why: "packages are installed beside the module, by npm", kept: '""' };
    return shell(`npm ${shellText(line)}`, assigned, api);
  },
  pwd: () => ({ code: "process.cwd()", value: true }),
  reset: () => ({ why: ofNotebook }),
  sh: ({ line, body, assigned }, { api }) => shell(shellText(body ?? line), assigned, api),
  sql: sqlForm,
  svg: rich("svg"),
  typecheck: () => ({ why: ofNotebook }),
  who: (_, { names }) => ({ why: ofNotebook, kept: JSON.stringify(names()) }),
  whos: () => ({ why: ofNotebook, kept: "[]" }),
  writefile: ({ line, body = [] }, { api, fileText, writes }) => {
    const [, flag, path] = /^(-a\s+|--append\s+)?([^\s"'\\~-][^\s"'\\]*)$/.exec(text(line)) ?? [];
    if (path === undefined) return call("writefile", line, body, api);
    const written = writes(path);
    const whole = text(body, false);
    const content = fileText(path, whole === "" || whole.endsWith("\n") ? whole : `${whole}\n`);
    const verb = flag === undefined ? (written ? "Overwrote" : "Wrote") : "Appended to";
    const write = api(flag === undefined ? "writeFile" : "appendFile");
    const said = JSON.stringify(`${verb} ${path}`);
    return {
      code: `await ${write}(${JSON.stringify(path)}, ${templateLiteral([content])});\nconsole.log(${said});`,
      value: false,
    };
  },
};

/** Returns what a magic becomes; one that has no form of its own is called by its name. */
export function formOf(magic: MagicText, context: FormContext): Form {
  const form = Object.hasOwn(forms, magic.name) ? forms[magic.name] : undefined;
  return form?.(magic, context) ?? call(magic.name, magic.line, magic.body, context.api, magic.assigned);
}

function text(parts: readonly Part[], trim = true): string {
  const whole = parts.map((part) => (typeof part === "string" ? part : `\${${part.code}}`)).join("");
  return trim ? whole.trim() : whole;
}

/** A magic's text whose values stay one word each. */
function quoted(parts: readonly Part[]): string {
  const isQuoted = /["'\\]/.test(text(parts));
  return partsLiteral(parts.flatMap((part) => (typeof part === "string" || isQuoted ? [part] : ['"', part, '"'])));
}

// These show something themselves, unless their result is kept.
const telling: readonly string[] = ["connect", "env", "logs", "lsmagic", "ps", "redis"];

function call(
  name: string,
  line: readonly Part[],
  body: readonly Part[] | undefined,
  api: FormContext["api"],
  assigned = false,
): Extract<Form, { code: string }> {
  const given = [JSON.stringify(name), partsLiteral(line), ...(body ? [templateLiteral(body)] : [])];
  if (assigned && telling.includes(name)) given.push(...(body ? [] : ["undefined"]), "{ quiet: true }");
  else if (given.at(-1) === '""') given.pop();
  return { code: `await ${api("magic")}(${given.join(", ")})`, value: true };
}

function rich(kind: string): MakeForm {
  return ({ body = [] }, { api }) => ({ code: `${api("display")}.${kind}(${templateLiteral(body)})`, value: false });
}

/** Writes a command for the `sh` tag, which leaves backslashes to the shell. */
function shellText(parts: readonly Part[]): string {
  const whole = parts.map((part) => (typeof part === "string" ? part : "")).join("");
  // A backslash there would be JavaScript's.
  if (/\\(?=`|\$\{|$)/.test(whole)) return `sh -c \${${templateLiteral(parts)}}`;
  return parts
    .map((part) => (typeof part === "string" ? part.replaceAll(/`|\$(?=\{)/g, String.raw`\$&`) : `\${${part.code}}`))
    .join("");
}

function shell(command: string, assigned: boolean, api: FormContext["api"]): Form {
  const tag = `await ${api("sh")}\`${command}\``;
  return assigned ? { code: `${tag}.text()`, value: true } : { code: `${tag}.show()`, value: false };
}

function sqlForm({ line, body, assigned }: MagicText, { api, sql }: FormContext): Form {
  let [head = "", ...rest] = line;
  let limit: string | undefined;
  let runs: string | undefined;
  let file: string | undefined;
  let connection: string | undefined;
  const flags = new Set<string>();
  while (typeof head === "string") {
    const option =
      /^\s*--(?:(stream|explain|analyze)|limit(?:=|\s+)(\d+)|bench(?:=|\s+)(\d+)|into(?:=|\s+)([^\s"'\\]+))(?=\s|$)/.exec(
        head,
      );
    const [word, name = ""] = /^\s*([\p{L}_][\p{L}\p{N}_.-]*)(?=\s|$)/u.exec(head) ?? [];
    if (option) {
      if (option[1] !== undefined) flags.add(option[1]);
      limit ??= option[2];
      runs ??= option[3];
      file ??= option[4];
    } else if (word !== undefined && connection === undefined && !startsSql(name)) connection = name;
    else break;
    head = head.slice((option?.[0] ?? word!).length);
  }
  // What is left is of the notebook: variables by their names, and the checks of a database.
  if (typeof head === "string" && /^\s*--[a-z]/.test(head)) return call("sql", line, body, api);
  if (!body && /^(?:attach|detach)\s+[\p{L}_]/u.test(text([head, ...rest]))) return call("sql", line, body, api);
  const handle = (): string => `(await ${api("connect")}(${JSON.stringify(connection ?? "duckdb")}))`;
  const [, word, name] = /^(tables|schema|columns)(?:\s+(\S+))?$/.exec(body ? "" : text([head, ...rest])) ?? [];
  if (word !== undefined && (name === undefined || connection !== undefined)) return call("sql", line, body, api);
  const described =
    word !== undefined && name !== undefined
      ? [
          `select column_name as name, column_type as type, "null" = 'YES' as nullable, "default", key is not distinct from 'PRI' as key from (describe from ${name})`,
        ]
      : undefined;
  const trimmed = typeof head === "string" ? [head.trimStart(), ...rest] : [head, ...rest];
  const query = body ? onOwnLines(body) : (described ?? trimmed);
  const { template, given, returns } = toSqlTemplate(query, sql, connection !== undefined && connection !== "duckdb");
  const names = given.length === 0 ? "" : `.given({ ${given.join(", ")} })`;
  const tag = `${connection === undefined ? api("sql") : `${handle()}.sql`}${names}${template}`;
  if (file !== undefined) return { code: `await ${handle()}.into(${tag}, ${JSON.stringify(file)})`, value: true };
  if (runs !== undefined) return { code: `await ${handle()}.bench(${tag}, { runs: ${runs} })`, value: true };
  if (flags.has("analyze")) return { code: `await ${handle()}.explain(${tag}, { analyze: true })`, value: true };
  if (flags.has("explain")) return { code: `await ${handle()}.explain(${tag})`, value: true };
  if (flags.has("stream")) return { code: `${tag}.stream()`, value: true };
  const table = limit === undefined ? `await ${tag}` : `(await ${tag}).slice(0, ${limit})`;
  return { code: table, value: returns || assigned };
}

/** Lets a text of several lines begin and end on lines of its own. */
function onOwnLines(body: readonly Part[]): readonly Part[] {
  const whole = text(body, false);
  if (!whole.trim().includes("\n")) {
    return body.map((part, at) => (typeof part !== "string" ? part : at === body.length - 1 ? part.trimEnd() : part));
  }
  return ["\n", ...body, whole.endsWith("\n") ? "" : "\n"];
}
