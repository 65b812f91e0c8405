import { once } from "node:events";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { checkFlags } from "../../kernel/cli/doctor.ts";
import type { Header } from "../../kernel/protocol/message.ts";
import { createExecutor } from "../../kernel/session/executor.ts";
import { spawnRuntime } from "../../kernel/session/spawn-runtime.ts";
import { createSettings } from "../../kernel/settings.ts";

const options = {
  entry: resolve("kernel/runtime/main.ts"),
  env: process.env,
  settings: createSettings(process.env),
};
// As Node and V8 would take away what only serves diagnosis.
const gone = ["--no-such-flag", "--no-such-v8-flag=1"];

test.for(["while it loads", "before the kernel has loaded"])(
  "a runtime starts without the flags that Node no longer knows: the first ends %s",
  async (when) => {
    const logs: string[] = [];
    const published: string[] = [];
    const runtime = { ...options, nodeFlags: gone };
    const first = spawnRuntime(runtime);
    if (when !== "while it loads") await once(first, "exit");
    await using executor = createExecutor(
      runtime,
      {
        publish: (type, content) => published.push(`${type} ${JSON.stringify(content)}`),
        ask: async () => undefined,
        readHistory: async () => [],
        room: () => undefined,
        log: (line) => logs.push(line),
        lost() {},
        secret() {},
      },
      first,
    );
    const header = { msg_id: "1" } as Header;
    const content = { code: "6 * 7" };
    const { error, result } = await executor.run({ header, content, name: "In[1]", count: 1, shell: undefined });
    expect(error).toBeUndefined();
    expect(result).toBe("42");
    expect(published.filter((message) => !message.startsWith("execute_result"))).toEqual([]);
    expect(logs).toEqual(
      gone.map((flag) => `Node ${process.version} does not know ${flag}, so the runtime starts without it`),
    );
  },
);

test("doctor names the flags that this Node does not know, with what is lost", () => {
  expect(checkFlags()).toEqual([{ text: expect.stringMatching(/^Node takes the flags of the kernel$/) as string }]);
  expect(checkFlags({ "--expose-internals": "a", "--no-such-flag": "loops may not end" })).toEqual([
    {
      text: "Node does not know --no-such-flag, so loops may not end",
      mend: "run `typhoon install` with a Node that has it, such as 24, or update Typhoon",
    },
  ]);
});
