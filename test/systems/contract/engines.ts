import { type TestContext, test } from "vitest";

/** What the README's table of engines tells of each, in its order. */
const columns = {
  values: "200 hostile values in and out",
  types: "values of each kind, exactly",
  stream: "streams record batches",
  cancel: "an interrupt ends it in the server",
  transaction: "transactions",
  place: "errors tell the place",
  login: "login errors say what to do",
  tls: "refused where TLS is asked for and missing",
  dropped: "a lost connection is told",
  restart: "connects anew after a restart",
} as const;

export type Capability = keyof typeof columns;

const results = new Map<string, Map<Capability, boolean>>();

/** A test whose outcome stands in the README's table. */
export function testCapability(system: string, capability: Capability, name: string, run: () => Promise<void>): void {
  test(name, async ({ onTestFinished }: TestContext) => {
    const row = results.get(system) ?? new Map<Capability, boolean>();
    results.set(system, row);
    row.set(capability, row.get(capability) ?? true);
    onTestFinished(({ task }) => {
      if (task.result?.state !== "pass") row.set(capability, false);
    });
    await run();
  });
}

/** The table of what was tested: `✓` passed, `✗` failed, `–` does not apply. */
export function engineTable(): string {
  const keys = Object.keys(columns) as Capability[];
  const names = [...results.keys()];
  const mark = (name: string, key: Capability): string => {
    const passed = results.get(name)!.get(key);
    return passed === undefined ? "–" : passed ? "✓" : "✗";
  };
  return [
    `| | ${names.join(" | ")} |`,
    `|---|${names.map(() => ":-:|").join("")}`,
    ...keys.map((key) => `| ${columns[key]} | ${names.map((name) => mark(name, key)).join(" | ")} |`),
  ].join("\n");
}
