import { setTimeout as delay } from "node:timers/promises";
import type { Channels } from "./protocol/channels.ts";
import type { Contents, ReplyType, RequestType } from "./protocol/contents.ts";
import type { Header, Incoming } from "./protocol/message.ts";
import { createQuestions } from "./questions.ts";
import { type Session, UnknownSubshell } from "./session/session.ts";
import type { Shell } from "./session/shells.ts";

/** A request on its way to its handler; of its content it is only known that it is an object. */
interface Request<T extends RequestType> {
  readonly content: Contents[T];
  readonly header: Header;
  readonly metadata: Incoming["metadata"];
  /** The shell that it is for; control has the main one. */
  readonly shell: Shell;
  /** True for a cell before which another of its shell has failed. */
  readonly aborted: boolean;
}

/** What answers each request. */
type Handlers = {
  [T in Exclude<RequestType, "input_request">]: (request: Request<T>) => Promise<Contents[ReplyType<T>]>;
};

/** Serves shell, control and stdin. */
export interface Server {
  /** Asks the front end that sent the request `parent`; undefined when it cannot answer. */
  ask(parent: Header, prompt: string, password: boolean): Promise<string | undefined>;
  /** Answers requests until one asks for a shutdown. */
  serve(session: Session): Promise<void>;
}

/** Creates the server of a kernel's channels; `log` gets what has no place in a notebook. */
export function createServer(channels: Channels, log: (line: string) => void): Server {
  const questions = createQuestions(channels);
  // A client that starts with the kernel may reach shell a moment before iopub, and wait for ever for its first cell's idle.
  let watched: Promise<void> | undefined;
  const untilWatched = (): Promise<void> =>
    (watched ??= Promise.race([channels.subscribed, delay(subscriberMs, undefined, { ref: false })]));
  // By the header itself: clients may use a msg_id twice.
  const inWork = new Map<Header, Incoming>();

  /** The one place that says busy and idle. */
  async function handle(
    handlers: Handlers,
    session: Session,
    channel: "shell" | "control",
    request: Incoming,
    shell: Shell | undefined,
    aborted = false,
  ): Promise<void> {
    const { header, identities } = request;
    inWork.set(header, request);
    channels.publish("status", { execution_state: "busy" }, header);
    const type = header.msg_type.replace(/_request$/, "_reply") as ReplyType<RequestType>;
    const reply = (content: object): void =>
      channels.send(channel, channels.codec.message(type, content as never, header), identities);
    const content = await answer(handlers, session, request, shell, aborted);
    try {
      if (content !== undefined) reply(content);
    } catch (error) {
      reply(toErrorReply(error, log)); // a payload or expression that is no JSON
    }
    inWork.delete(header);
    questions.withdraw(request);
    if (shell) await session.told(header, shell);
    channels.publish("status", { execution_state: "idle" }, header);
    // A front end takes any idle for "nothing runs": where a cell goes on, say so once more under that cell.
    const [other] = inWork.values();
    if (other) channels.publish("status", { execution_state: "busy" }, other.header);
  }

  /** Returns the content of the reply; undefined for a message that has none. */
  async function answer(
    handlers: Handlers,
    session: Session,
    request: Incoming,
    shell: Shell | undefined,
    aborted: boolean,
  ): Promise<object | undefined> {
    const { header, content, metadata } = request;
    try {
      if (isComm(header.msg_type)) {
        await session.comm(toDelivery(header.msg_type, request), header);
        return undefined;
      }
      // A comm's messages do not depend on a shell: the last of them may come after its subshell was deleted.
      if (!shell) throw new UnknownSubshell(header.subshell_id);
      const refusal = refuse(header.msg_type, content, Object.hasOwn(handlers, header.msg_type));
      if (refusal !== undefined) {
        log(refusal);
        return header.msg_type.endsWith("_request") ? toError(refusal) : undefined;
      }
      const handler = handlers[header.msg_type as keyof Handlers] as (request: Request<never>) => Promise<object>;
      return await handler({ content: content as never, header, metadata, shell, aborted });
    } catch (error) {
      const reply = toErrorReply(error, log);
      return isComm(header.msg_type) ? undefined : reply;
    }
  }

  async function listen(handlers: Handlers, channel: "shell" | "control", session: Session): Promise<void> {
    for await (const request of channels.requests(channel)) {
      const { msg_type: type, subshell_id: id } = request.header;
      const shell = session.shells.find(channel === "control" ? undefined : id);
      const run = (aborted?: boolean): Promise<void> => handle(handlers, session, channel, request, shell, aborted);
      // Cells of a shell run one after the other; whatever else is asked is answered at once.
      if (shell && type === "execute_request") shell.enqueue((aborted) => untilWatched().then(() => run(aborted)));
      else void run();
    }
  }

  return {
    ask(parent, prompt, password) {
      const request = inWork.get(parent);
      return request ? questions.ask(request, prompt, password) : Promise.resolve(undefined);
    },
    async serve(session) {
      const shutdown = Promise.withResolvers<void>();
      const handlers: Handlers = {
        execute_request: async ({ content, header, metadata, shell, aborted }) =>
          aborted ? { status: "aborted", execution_count: null } : session.execute(content, header, shell, metadata),
        complete_request: ({ content }) => session.complete(content),
        inspect_request: ({ content }) => session.inspect(content),
        is_complete_request: ({ content }) => session.isComplete(content),
        history_request: ({ content }) => session.history(content),
        connect_request: async () => ({
          status: "ok",
          shell_port: channels.ports.shell,
          iopub_port: channels.ports.iopub,
          stdin_port: channels.ports.stdin,
          control_port: channels.ports.control,
          hb_port: channels.ports.hb,
        }),
        comm_info_request: ({ content }) => session.commInfo(content),
        kernel_info_request: async () => session.info(),
        debug_request: ({ content, header }) => session.debug(content, header),
        interrupt_request: async () => {
          session.interrupt();
          return { status: "ok" };
        },
        create_subshell_request: async () => ({ status: "ok", subshell_id: session.shells.create() }),
        delete_subshell_request: async ({ content }) => {
          await session.deleteSubshell(content.subshell_id);
          return { status: "ok" };
        },
        list_subshell_request: async () => ({ status: "ok", subshell_id: session.shells.list() }),
        shutdown_request: async ({ content: { restart } }) => {
          setImmediate(shutdown.resolve);
          return { status: "ok", restart: restart ?? false };
        },
      };
      void questions.listen();
      void listen(handlers, "control", session);
      void listen(handlers, "shell", session);
      await shutdown.promise;
      await channels.flushed();
    },
  };
}

const historyKinds = new Set<unknown>(["range", "tail", "search"]);
// ZeroMQ tries to connect anew every 100 ms; a client without iopub waits this long once.
const subscriberMs = 1_000;

const asksWithCode = new Set(["execute_request", "complete_request", "inspect_request", "is_complete_request"]);

type CommKind = "comm_open" | "comm_msg" | "comm_close";

function isComm(type: string): type is CommKind {
  return type === "comm_open" || type === "comm_msg" || type === "comm_close";
}

function toDelivery(kind: CommKind, { content, metadata, buffers }: Incoming): Parameters<Session["comm"]>[0] {
  const { comm_id: id, target_name: target, data } = content;
  if (typeof id !== "string" || (kind === "comm_open" && typeof target !== "string")) {
    throw new Error(`${kind} needs comm_id${kind === "comm_open" ? " and target_name" : ""} as text`);
  }
  const name = typeof target === "string" ? target : "";
  return { kind, id, target: name, data: (data ?? {}) as Record<string, unknown>, metadata, buffers };
}

/** Says why a message cannot be answered; undefined where it can. */
function refuse(type: string, content: Record<string, unknown>, isKnown: boolean): string | undefined {
  if (!isKnown) return `typhoon does not answer the message ${type}`;
  const { cursor_pos: position, hist_access_type: access } = content;
  if (position !== undefined && position !== null && typeof position !== "number") {
    return `${type} needs "cursor_pos" as a number`;
  }
  if (type === "history_request" && !historyKinds.has(access)) {
    return `${type} needs "hist_access_type" as "range", "tail" or "search", not ${JSON.stringify(access)}`;
  }
  if (asksWithCode.has(type) && typeof content["code"] !== "string") return `${type} needs "code" as text`;
  return undefined;
}

function toErrorReply(error: unknown, log: (line: string) => void): object {
  log(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return toError(error instanceof Error ? error.message : String(error));
}

function toError(evalue: string): object {
  return { status: "error", ename: "KernelError", evalue, traceback: [evalue] };
}
