import { usageError } from "./arguments.ts";
import { MagicError, templateText, type Magic } from "./magic.ts";
import { maskSecret } from "./mask-secrets.ts";

/** `%env` lists, returns and sets environment variables. */
export const env: Magic = {
  name: "env",
  summary: "%env [NAME[=VALUE]]  list the environment variables, return one, or set one",
  line: "template",
  takes: { words: (before) => (before.length === 0 ? "environment" : []) },
  help: `\`\`\`ts
// lists all; what looks like a secret is masked:
%env
const home = %env HOME
// sets it, for the cells and the programs they start:
%env GREETING=hello world
// from a variable of the notebook:
%env REGION=\${region}
\`\`\`

Quotes around the whole value are taken off. The notebook keeps what you write: ask for secrets with \`await input.password()\` instead,
and set \`process.env.NAME\`.`,
  async run({ line, assigned }, { output }) {
    const text = templateText(line).trim();
    if (text === "") {
      const masked = Object.entries(process.env).map(([name, value = ""]) => [name, maskSecret(name, value)] as const);
      if (assigned) return Object.fromEntries(masked);
      const lines = masked.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => `${name}=${value}\n`);
      output.stream("stdout", lines.join(""));
      return undefined;
    }
    const [, name, separator, value = ""] = /^([^\s=]+)(\s*=|\s+)?(.*)$/s.exec(text) ?? [];
    if (!name || name.startsWith("-")) throw usageError(env, `"${text}" is not a variable's name`);
    if (separator === undefined) return get(name);
    process.env[name] = unquote(value.trim());
    if (assigned) return process.env[name];
    output.stream("stdout", `${name}=${maskSecret(name, process.env[name])}\n`);
    return undefined;
  },
};

function get(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new MagicError("env", `${name} is not set; set it with \`%env ${name}=VALUE\``);
  return value;
}

function unquote(value: string): string {
  return /^(?<quote>["']).*\k<quote>$/s.test(value) && value.length > 1 ? value.slice(1, -1) : value;
}
