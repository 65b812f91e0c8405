import type { Channels } from "./protocol/channels.ts";
import type { Incoming } from "./protocol/message.ts";

/** The stdin channel: questions to the front end whose request is being answered, one at a time. */
export interface Questions {
  /** Asks for a line of text; undefined when the request ends before there is an answer. */
  ask(request: Incoming, prompt: string, password: boolean): Promise<string | undefined>;
  /** Withdraws the questions of a request that has ended. */
  withdraw(request: Incoming): void;
  /** Takes answers until the channel is closed. */
  listen(): Promise<void>;
}

interface Question {
  readonly request: Incoming;
  readonly prompt: string;
  readonly password: boolean;
  readonly answer: (value: string | undefined) => void;
  /** The msg_id of the `input_request`, once it was sent. */
  sentAs?: string;
}

/** Creates the questions of a kernel's stdin channel. */
export function createQuestions(channels: Channels): Questions {
  let waiting: Question[] = [];

  function askFirst(): void {
    const first = waiting[0];
    if (!first || first.sentAs !== undefined) return;
    const { request, prompt, password } = first;
    const message = channels.codec.message("input_request", { prompt, password }, request.header);
    first.sentAs = message.header.msg_id;
    channels.send("stdin", message, request.identities);
  }

  return {
    ask: (request, prompt, password) =>
      new Promise((answer) => {
        waiting.push({ request, prompt, password, answer });
        askFirst();
      }),
    withdraw(request) {
      const mine = waiting.filter((question) => question.request === request);
      waiting = waiting.filter((question) => question.request !== request);
      for (const { answer } of mine) answer(undefined);
      askFirst();
    },
    async listen() {
      for await (const { parent_header: parent, content, header } of channels.requests("stdin")) {
        const first = waiting[0];
        // jupyter_client's blocking clients answer without a parent.
        const fits = parent.msg_id === undefined || parent.msg_id === first?.sentAs;
        if (header.msg_type !== "input_reply" || first === undefined || !fits) continue;
        waiting.shift();
        first.answer(typeof content["value"] === "string" ? content["value"] : "");
        askFirst();
      }
    },
  };
}
