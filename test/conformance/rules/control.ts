import type { Kernel } from "../kernel.ts";
import { type Rule, demand, need, same } from "../rule.ts";

const interrupt = { level: "must", source: "messaging#kernel-interrupt" } as const;
const shutdown = { level: "must", source: "messaging#kernel-shutdown" } as const;

/** Starts a cell that prints "now", interrupts it, and returns the reply's content. */
async function interrupted(kernel: Kernel, code: string): Promise<Readonly<Record<string, unknown>>> {
  const cell = await kernel.prints(code, "now");
  await kernel.interrupt();
  const { content } = await cell.reply();
  return content;
}

async function shutsDown({ client, ended }: Kernel, restart: boolean): Promise<void> {
  const { content } = await client.send("shutdown_request", { restart }, { channel: "control" }).reply();
  same([content["status"], content["restart"]], ["ok", restart], "status and restart");
  await ended(12_000);
}

/** Interrupts and the end of the kernel. */
export const controlRules: readonly Rule[] = [
  {
    ...interrupt,
    level: "should",
    id: "interrupt-request",
    text: "interrupt_request on control is answered with status `ok`, also when nothing runs (where interrupt_mode is `message`).",
    async check(kernel) {
      if (kernel.subject.spec["interrupt_mode"] === "message") {
        const { answer } = await kernel.client.ask("interrupt_request", {}, { channel: "control" });
        same(answer.content["status"], "ok", "status");
      } else {
        await kernel.interrupt();
      }
      await kernel.prints(kernel.dialect.print("alive"), "alive");
    },
  },
  {
    ...interrupt,
    id: "interrupt-loop",
    text: "An interrupt ends a cell that spins; its reply is an error.",
    spoils: true,
    async check(kernel) {
      same((await interrupted(kernel, kernel.dialect.spin))["status"], "error", "status");
    },
  },
  {
    ...interrupt,
    id: "interrupt-pending",
    text: "An interrupt ends a cell that awaits what never comes.",
    spoils: true,
    async check(kernel) {
      const code = need(kernel.dialect.pending, "await");
      same((await interrupted(kernel, code))["status"], "error", "status");
    },
  },
  {
    ...interrupt,
    id: "interrupt-keeps",
    text: "After an interrupt variables are kept and cells run.",
    spoils: true,
    async check(kernel) {
      await kernel.run(kernel.dialect.assign("keeper", 4711));
      await interrupted(kernel, kernel.dialect.spin);
      await kernel.prints(kernel.dialect.printValue("keeper"), "4711");
    },
  },
  {
    ...interrupt,
    level: "should",
    id: "interrupt-queue",
    text: "Cells queued behind the interrupted one are not run.",
    spoils: true,
    async check(kernel) {
      const cell = await kernel.prints(kernel.dialect.spin, "now");
      const queued = kernel.cell(kernel.dialect.print("queued"));
      // Control is answered: by then what came before it on another socket has arrived, or comes at once.
      await kernel.client.send("kernel_info_request", {}, { channel: "control" }).reply();
      await kernel.interrupt();
      await cell.reply();
      const { content } = await queued.reply();
      demand(content["status"] !== "ok", "the queued cell was run");
    },
  },
  {
    ...shutdown,
    id: "shutdown",
    text: "shutdown_request on control is answered with its restart flag, false, and the process ends.",
    spoils: true,
    check: (kernel) => shutsDown(kernel, false),
  },
  {
    ...shutdown,
    id: "shutdown-restart",
    text: "With restart true the reply says true, and the process ends.",
    spoils: true,
    check: (kernel) => shutsDown(kernel, true),
  },
  {
    ...shutdown,
    level: "should",
    id: "shutdown-busy",
    text: "shutdown_request is answered, and the process ends, while a cell spins.",
    source: "messaging#introduction",
    spoils: true,
    async check(kernel) {
      await kernel.prints(kernel.dialect.spin, "now");
      await shutsDown(kernel, false);
    },
  },
];
