/** What an error looks like in a reply and on iopub. */
export interface ErrorContent {
  readonly ename: string;
  readonly evalue: string;
  readonly traceback: readonly string[];
}

/** A reply that failed. */
export interface ErrorReply extends ErrorContent {
  readonly status: "error";
}

/** One `user_expressions` result. */
export type UserExpression =
  | { readonly status: "ok"; readonly data: Record<string, unknown>; readonly metadata: Record<string, unknown> }
  | ErrorReply;

/** A request to the front end that rides on `execute_reply` ("Payloads"). */
export type Payload =
  | { readonly source: "page"; readonly data: Record<string, unknown>; readonly start: number }
  | { readonly source: "set_next_input"; readonly text: string; readonly replace: boolean };

/** One cell of the past: session, line number, and source or source with its output. */
export type HistoryRow = [session: number, line: number, source: string | [source: string, output: string | null]];

/** A variable, or a member of one, in the words of the Debug Adapter Protocol. */
export interface DebugVariable {
  readonly name: string;
  readonly value: string;
  readonly type: string;
  /** An expression for it, where there is one. */
  readonly evaluateName?: string;
  /** Names its members; 0 where it has none. */
  readonly variablesReference: number;
  readonly indexedVariables?: number;
  readonly namedVariables?: number;
  readonly presentationHint?: { readonly kind: string; readonly attributes: readonly string[] };
}

/** How the language of the kernel is told to a front end ("Kernel info"). */
export interface LanguageInfo {
  readonly name: string;
  readonly version: string;
  readonly mimetype: string;
  readonly file_extension: string;
  readonly pygments_lexer: string;
  readonly codemirror_mode: string | Record<string, unknown>;
  readonly nbconvert_exporter: string;
}

type Data = Record<string, unknown>;
type Display = { data: Data; metadata: Data; transient?: { display_id?: string } };

/** Each message type with its content, names as the messaging page has them. */
export interface Contents {
  execute_request: {
    code: string;
    silent?: boolean;
    store_history?: boolean;
    user_expressions?: Record<string, string>;
    allow_stdin?: boolean;
    stop_on_error?: boolean;
  };
  execute_reply:
    | {
        status: "ok";
        execution_count: number;
        payload: readonly Payload[];
        user_expressions: Record<string, UserExpression>;
      }
    // "Request-Reply": an error leaves out what a success has.
    | (ErrorReply & { execution_count: number })
    // The field is there whatever the status; with a number a front end would number a cell that never ran.
    | { status: "aborted"; execution_count: null };
  inspect_request: { code: string; cursor_pos?: number; detail_level?: 0 | 1 };
  inspect_reply: { status: "ok"; found: boolean; data: Data; metadata: Data };
  complete_request: { code: string; cursor_pos?: number };
  complete_reply: {
    status: "ok";
    matches: readonly string[];
    cursor_start: number;
    cursor_end: number;
    metadata: Data;
  };
  history_request: {
    output?: boolean;
    raw?: boolean;
    hist_access_type: "range" | "tail" | "search";
    session?: number;
    start?: number;
    stop?: number | null;
    n?: number | null;
    pattern?: string;
    unique?: boolean;
  };
  history_reply: { status: "ok"; history: readonly HistoryRow[] };
  is_complete_request: { code: string };
  is_complete_reply: { status: "complete" | "incomplete" | "invalid" | "unknown"; indent?: string };
  connect_request: Record<string, never>;
  connect_reply: {
    status: "ok";
    shell_port: number;
    iopub_port: number;
    stdin_port: number;
    control_port: number;
    hb_port: number;
  };
  comm_info_request: { target_name?: string };
  comm_info_reply: { status: "ok"; comms: Record<string, { target_name: string }> };
  comm_open: { comm_id: string; target_name: string; data: Data };
  comm_msg: { comm_id: string; data: Data };
  comm_close: { comm_id: string; data: Data };
  kernel_info_request: Record<string, never>;
  kernel_info_reply: {
    status: "ok";
    protocol_version: string;
    implementation: string;
    implementation_version: string;
    language_info: LanguageInfo;
    banner: string;
    debugger: boolean;
    help_links: readonly { text: string; url: string }[];
    supported_features: readonly string[];
  };
  shutdown_request: { restart: boolean };
  shutdown_reply: { status: "ok"; restart: boolean };
  debug_request: { type: "request"; seq: number; command: string; arguments?: Record<string, unknown> };
  /** A response of the Debug Adapter Protocol, which has no `status`. */
  debug_reply: {
    type: "response";
    request_seq: number;
    command: string;
    success: boolean;
    message?: string;
    body: Readonly<Record<string, unknown>>;
  };
  interrupt_request: Record<string, never>;
  interrupt_reply: { status: "ok" };
  input_request: { prompt: string; password: boolean };
  input_reply: { value: string };
  create_subshell_request: Record<string, never>;
  create_subshell_reply: { status: "ok"; subshell_id: string };
  delete_subshell_request: { subshell_id: string };
  delete_subshell_reply: { status: "ok" };
  list_subshell_request: Record<string, never>;
  list_subshell_reply: { status: "ok"; subshell_id: readonly string[] };
  status: { execution_state: "starting" | "busy" | "idle" };
  execute_input: { code: string; execution_count: number };
  execute_result: Display & { execution_count: number };
  display_data: Display;
  update_display_data: Display;
  clear_output: { wait: boolean };
  stream: { name: StreamName; text: string };
  error: ErrorContent;
  iopub_welcome: { subscription: string };
}

/** A stream of text that a cell writes. */
export type StreamName = "stdout" | "stderr";

/** A message type of the protocol. */
export type MessageType = keyof Contents;

/** A message type that asks for a reply. */
export type RequestType = Extract<MessageType, `${string}_request`>;

/** The message type of the reply to a request: `x_request` is answered by `x_reply`. */
export type ReplyType<T extends RequestType> = T extends `${infer Name}_request`
  ? Extract<MessageType, `${Name}_reply`>
  : never;
