import { defineConfig, type ViteUserConfig } from "vitest/config";

const front = ["kernel", "jupyter", "browser", "systems"];

/** Tests of one kind: `unit` needs only Node; the others start real kernels, servers and browsers. */
function project(name: string, include: string[], exclude: string[] = []): object {
  const slow = name !== "unit";
  return {
    test: {
      name,
      include,
      exclude,
      // Unit tests take milliseconds; on a busy machine those that start a process or a thread take seconds.
      testTimeout: slow ? 60_000 : 20_000,
      hookTimeout: slow ? 120_000 : 30_000,
      fileParallelism: !slow,
      // Passwords of real servers are searched for once all files have run.
      ...(name === "systems" && { globalSetup: ["test/systems/whole-suite.ts"] }),
      // Tests that are `concurrent` start kernels and Python programs of their own, on two cores.
      maxConcurrency: 3,
    },
  };
}

const config: ViteUserConfig = defineConfig({
  test: {
    expect: { requireAssertions: true },
    projects: [
      project(
        "unit",
        ["test/**/*.test.ts"],
        front.map((folder) => `test/${folder}/**`),
      ),
      ...front.map((folder) => project(folder, [`test/${folder}/**/*.test.ts`])),
    ],
  },
});
export default config;
