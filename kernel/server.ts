import type { Channels } from "./protocol/channels.ts";
import type { Contents, ReplyType, RequestType } from "./protocol/contents.ts";
import type { Header, Incoming } from "./protocol/message.ts";
import { createQuestions } from "./questions.ts";
import type { Session } from "./session/session.ts";

/** A request on its way to its handler; of its content it is only known that it is an object. */
interface Request<T extends RequestType> {
  readonly content: Contents[T];
  readonly header: Header;
  /** For an execute_request: the session's ticket, taken when it came in. */
  readonly ticket: number;
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
  const inWork = new Map<string, Incoming>();
  let executions: Promise<void> = Promise.resolve();

  /** The one place that says busy and idle. */
  async function handle(
    handlers: Handlers,
    session: Session,
    channel: "shell" | "control",
    request: Incoming,
    ticket: number,
  ): Promise<void> {
    const { header, identities } = request;
    inWork.set(header.msg_id, request);
    channels.publish("status", { execution_state: "busy" }, header);
    const type = header.msg_type.replace(/_request$/, "_reply") as ReplyType<RequestType>;
    const reply = (content: object): void =>
      channels.send(channel, channels.codec.message(type, content as never, header), identities);
    const content = await answer(handlers, session, request, ticket);
    try {
      if (content !== undefined) reply(content);
    } catch (error) {
      reply(toErrorReply(error, log)); // a payload or expression that is no JSON
    }
    inWork.delete(header.msg_id);
    questions.withdraw(request);
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
    ticket: number,
  ): Promise<object | undefined> {
    const { header, content } = request;
    try {
      if (isComm(header.msg_type)) await session.comm(toDelivery(header.msg_type, request), header, executions);
      if (!header.msg_type.endsWith("_request")) return undefined;
      if (!Object.hasOwn(handlers, header.msg_type)) {
        throw new Error(`typhoon does not answer the message ${header.msg_type}`);
      }
      if (asksWithCode.has(header.msg_type) && typeof content["code"] !== "string") {
        throw new Error(`${header.msg_type} needs "code" as text`);
      }
      const handler = handlers[header.msg_type as keyof Handlers] as (request: Request<never>) => Promise<object>;
      return await handler({ content: content as never, header, ticket });
    } catch (error) {
      const reply = toErrorReply(error, log);
      return isComm(header.msg_type) ? undefined : reply;
    }
  }

  async function listen(handlers: Handlers, channel: "shell" | "control", session: Session): Promise<void> {
    for await (const request of channels.requests(channel)) {
      const ticket = session.ticket();
      const run = (): Promise<void> => handle(handlers, session, channel, request, ticket);
      // Cells run one after the other; whatever else is asked is answered at once.
      if (request.header.msg_type === "execute_request") executions = executions.then(run);
      else void run();
    }
  }

  return {
    ask(parent, prompt, password) {
      const request = inWork.get(parent.msg_id);
      return request ? questions.ask(request, prompt, password) : Promise.resolve(undefined);
    },
    async serve(session) {
      const shutdown = Promise.withResolvers<void>();
      const handlers: Handlers = {
        execute_request: ({ content, header, ticket }) => session.execute(content, header, ticket),
        complete_request: ({ content }) => session.complete(content),
        inspect_request: ({ content }) => session.inspect(content),
        is_complete_request: ({ content }) => session.isComplete(content),
        history_request: ({ content }) => session.history(content),
        comm_info_request: ({ content }) => session.commInfo(content),
        kernel_info_request: async () => session.info(),
        interrupt_request: async () => {
          session.interrupt();
          return { status: "ok" };
        },
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

function toErrorReply(error: unknown, log: (line: string) => void): object {
  log(error instanceof Error ? (error.stack ?? error.message) : String(error));
  const evalue = error instanceof Error ? error.message : String(error);
  return { status: "error", ename: "KernelError", evalue, traceback: [evalue] };
}
