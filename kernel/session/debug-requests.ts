import type { Contents, DebugVariable, UserExpression } from "../protocol/contents.ts";
import type { Header } from "../protocol/message.ts";
import type { VariableQuery } from "../runtime/link.ts";
import type { Executed, Executor } from "./executor.ts";

type Request = Contents["debug_request"];
type Reply = Contents["debug_reply"];
type Body = Readonly<Record<string, unknown>>;

/** A request that cannot be answered, with what to do. */
class Refused extends Error {}

/** Answers the requests of a debugger that need none: those that show variables. */
export function createDebugRequests(
  executor: Pick<Executor, "run" | "runtime">,
): (request: Request, header: Header) => Promise<Reply> {
  const commands: Readonly<Record<string, (given: Body, header: Header) => Promise<Body>>> = {
    debugInfo: async () => ({
      isStarted: false,
      hashMethod: "Murmur2",
      hashSeed: 0,
      tmpFilePrefix: "",
      tmpFileSuffix: ".ts",
      breakpoints: [],
      stoppedThreads: [],
      richRendering: true,
      exceptionPaths: [],
      copyToGlobals: false,
    }),
    inspectVariables: async () => ({ variables: await names() }),
    async variables(given) {
      const reference = wholeNumber(given, "variablesReference");
      if (reference === undefined)
        throw new Refused("variables needs variablesReference, of a variable that was shown");
      const filter = given["filter"];
      const rows = await ask({
        type: "members",
        reference,
        filter: filter === "indexed" || filter === "named" ? filter : undefined,
        start: wholeNumber(given, "start"),
        count: wholeNumber(given, "count"),
      });
      if (rows === undefined)
        throw new Refused("this value is gone, or the kernel is busy in native code; refresh the variables");
      return { variables: rows };
    },
    async richInspectVariables(given, header) {
      const name = given["variableName"];
      const row = (await names()).find((variable) => variable.name === name);
      if (row === undefined) throw new Refused(`there is no variable ${JSON.stringify(name)}`);
      const plain = { data: { "text/plain": row.value }, metadata: {} };
      if (isMasked(row)) return plain;
      const made = await represent(row.name, header);
      if (made?.status === "error") throw new Refused(`${row.name} cannot be shown: ${made.evalue}`);
      return made ? withinLimits(made, row.value) : plain;
    },
  };

  /** The cells that are to represent a variable, by its name: a panel may ask again while another cell computes. */
  const representing = new Map<string, Promise<Executed>>();

  /** Undefined where nothing answers in time, or where what is asked for is gone. */
  function ask(query: VariableQuery): Promise<unknown> {
    return executor.runtime.ask({ type: "variables", query });
  }

  /** A variable's representations, made beside what runs; undefined where the runtime does not come to it in time. */
  async function represent(name: string, header: Header): Promise<UserExpression | undefined> {
    const late = Promise.withResolvers<undefined>();
    const timer = setTimeout(() => late.resolve(undefined), representMs);
    const outcome = await Promise.race([representing.get(name) ?? runFor(name, header), late.promise]);
    clearTimeout(timer);
    return outcome?.userExpressions[name];
  }

  function runFor(name: string, header: Header): Promise<Executed> {
    const content = { code: "", silent: true, user_expressions: { [name]: name }, allow_stdin: false };
    const made = executor
      .run({ header, content, name: "Variables", count: 0, shell: undefined })
      .finally(() => representing.delete(name));
    representing.set(name, made);
    return made;
  }

  async function names(): Promise<readonly DebugVariable[]> {
    const rows = await ask({ type: "names" });
    if (rows === undefined) throw new Refused("the kernel is busy in native code and cannot show its variables now");
    return rows as readonly DebugVariable[];
  }

  return async (request, header) => {
    const { command } = request;
    const base = { type: "response", request_seq: request.seq ?? 0, command } as const;
    try {
      if (!Object.hasOwn(commands, command)) {
        const known = Object.keys(commands).join(", ");
        throw new Refused(`Typhoon has no debugger and does not answer ${command}, only ${known}`);
      }
      return { ...base, success: true, body: await commands[command]!(request.arguments ?? {}, header) };
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      return { ...base, success: false, message: error.message, body: {} };
    }
  };
}

function wholeNumber(given: Body, key: string): number | undefined {
  const value = given[key];
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

/** A secret's value is dots, whatever it is. */
function isMasked({ value }: DebugVariable): boolean {
  return /^·+$/.test(value);
}

// A panel waits for it; while a cell computes, the preview has to do.
const representMs = 1_500;
const longest = 1 << 20;

/** Leaves out what is too long for a panel. */
function withinLimits({ data, metadata }: UserExpression & { status: "ok" }, preview: string): Body {
  const kept = Object.entries(data).filter(([, value]) => JSON.stringify(value).length <= longest);
  return { data: kept.length > 0 ? Object.fromEntries(kept) : { "text/plain": preview }, metadata };
}
