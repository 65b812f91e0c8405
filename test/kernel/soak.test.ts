import { expect, test } from "vitest";
import { figures, growth, soak } from "../soak/soak.ts";

// The short form of `npm run soak`. Bytes a cell are asserted, as a short session has no steady state yet.
const cells = 600;
const from = 200;

test("hundreds of cells of every kind leave little behind in any process", async () => {
  const { samples, wrong } = await soak({ cells, seed: 20_260, sampleEvery: 100 });
  expect(wrong).toEqual([]);
  const start = samples.find((sample) => sample.cells === from)!;
  const perCell = (name: (typeof figures)[number]): number => (samples.at(-1)![name] - start[name]) / (cells - from);
  expect(perCell("kernelHeap")).toBeLessThan(2_500);
  expect(perCell("runtimeHeap")).toBeLessThan(5_000);
  expect(growth(samples, "kernelResident", from)).toBeLessThan(0.2);
  expect(growth(samples, "serverResident", from)).toBeLessThan(0.3);
  expect(growth(samples, "descriptors", from)).toBeLessThan(0.1);
}, 120_000);
