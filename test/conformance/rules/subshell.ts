import type { Request, SendOptions } from "../client.ts";
import type { Kernel } from "../kernel.ts";
import { NotOffered, type Rule, demand, same } from "../rule.ts";
import { featuresOf } from "./kernel-info.ts";

const subshells = { level: "may", source: "JEP 91" } as const;

const onControl: SendOptions = { channel: "control" };

async function offered(kernel: Kernel): Promise<void> {
  if (!(await featuresOf(kernel)).includes("kernel subshells")) {
    throw new NotOffered("kernel subshells are no feature of it");
  }
}

async function create(kernel: Kernel): Promise<string> {
  await offered(kernel);
  const { answer } = await kernel.client.ask("create_subshell_request", {}, onControl);
  same(answer.content["status"], "ok", "status of create_subshell_reply");
  demand(typeof answer.content["subshell_id"] === "string", "there is no subshell_id");
  return answer.content["subshell_id"];
}

async function list({ client }: Kernel): Promise<unknown> {
  const { answer } = await client.ask("list_subshell_request", {}, onControl);
  return answer.content["subshell_id"];
}

/** Sends a cell to a subshell. */
const cellOf = ({ cell }: Kernel, id: string | null, code: string): Request =>
  cell(code, {}, { header: { subshell_id: id } });

/** Kernel subshells, an optional feature. */
export const subshellRules: readonly Rule[] = [
  {
    ...subshells,
    id: "subshell-create",
    text: "create_subshell_request gives an id that list_subshell_request lists.",
    async check(kernel) {
      const [one, two] = [await create(kernel), await create(kernel)];
      demand(one !== two, "two subshells have one id");
      const ids = (await list(kernel)) as unknown[];
      demand(Array.isArray(ids) && ids.includes(one) && ids.includes(two), "the list lacks one of them");
    },
  },
  {
    ...subshells,
    id: "subshell-delete",
    text: "delete_subshell_request removes a subshell; of an unknown one it is an error.",
    async check(kernel) {
      const id = await create(kernel);
      const first = await kernel.client.ask("delete_subshell_request", { subshell_id: id }, onControl);
      same(first.answer.content["status"], "ok", "status");
      demand(!((await list(kernel)) as unknown[]).includes(id), "it is still listed");
      const second = await kernel.client.ask("delete_subshell_request", { subshell_id: id }, onControl);
      same(second.answer.content["status"], "error", "status of the second delete");
    },
  },
  {
    ...subshells,
    id: "subshell-concurrent",
    text: "A cell in a subshell runs while the parent's cell waits.",
    async check(kernel) {
      const id = await create(kernel);
      const parent = await kernel.prints(kernel.dialect.pause("waits", 3_000), "waits");
      const child = cellOf(kernel, id, kernel.dialect.print("meanwhile"));
      await child.sees("stream", () => kernel.printed(child).includes("meanwhile"), 2_500);
      demand(parent.published("status").length === 1, "the parent's cell had ended");
      await parent.reply();
    },
  },
  {
    ...subshells,
    id: "subshell-variables",
    text: "Subshells share their variables with the parent.",
    async check(kernel) {
      const id = await create(kernel);
      await kernel.run(kernel.dialect.assign("shared", 815));
      const child = cellOf(kernel, id, kernel.dialect.printValue("shared"));
      await child.sees("stream", () => kernel.printed(child).includes("815"));
    },
  },
  {
    ...subshells,
    id: "subshell-sequential",
    text: "Within a subshell requests are processed one after the other.",
    async check(kernel) {
      const id = await create(kernel);
      const first = cellOf(kernel, id, kernel.dialect.pause("one", 300));
      const second = cellOf(kernel, id, kernel.dialect.print("two"));
      await second.reply();
      const order = kernel.client.messages
        .filter(({ header }) => header.msg_type === "execute_reply")
        .map(({ parent }) => parent["msg_id"]);
      same(order.slice(-2), [first.header.msg_id, second.header.msg_id], "the order of replies");
    },
  },
  {
    ...subshells,
    id: "subshell-parent",
    text: "subshell_id null is the parent subshell, and replies carry the id in their parent header.",
    async check(kernel) {
      const id = await create(kernel);
      const main = await cellOf(kernel, null, kernel.dialect.print("main")).reply();
      same(main.content["status"], "ok", "status in the parent subshell");
      const child = await cellOf(kernel, id, kernel.dialect.print("child")).reply();
      same(child.parent["subshell_id"], id, "subshell_id of the parent header");
    },
  },
  {
    ...subshells,
    id: "subshell-unknown",
    text: "A subshell_id that is not known is an error, and the cell is not run.",
    async check(kernel) {
      await offered(kernel);
      const cell = cellOf(kernel, "nobody", kernel.dialect.print("lost"));
      const { content } = await cell.reply();
      same(content["status"], "error", "status");
      await kernel.prints(kernel.dialect.print("alive"), "alive");
      same(kernel.printed(cell), "", "what it printed");
    },
  },
];
