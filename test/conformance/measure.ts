import { type Kernel, type Subject, startKernel } from "./kernel.ts";
import { NotOffered, type Rule, Violation } from "./rule.ts";

/** How a kernel stands to a rule; the reason of all but `met`. */
export type Outcome =
  | { readonly verdict: "met" }
  | { readonly verdict: "broken" | "not offered"; readonly reason: string };

/** Checks rules on one kernel, which is started anew after each failure and each check that spoils it. */
export interface Measurement extends AsyncDisposable {
  check(rule: Rule): Promise<Outcome>;
}

const checkLimitMs = 120_000;

/** Prepares to measure a kernel. */
export function measure(subject: Subject): Measurement {
  let kernel: Kernel | undefined;

  async function discard(): Promise<void> {
    const old = kernel;
    kernel = undefined;
    await old?.[Symbol.asyncDispose]();
  }

  return {
    async check(rule) {
      const limit = Promise.withResolvers<never>();
      const timer = setTimeout(
        () => limit.reject(new Violation(`no end within ${checkLimitMs / 1_000} s`)),
        checkLimitMs,
      );
      try {
        kernel ??= await startKernel(subject);
        await Promise.race([rule.check(kernel), limit.promise]);
        if (rule.spoils) await discard();
        return { verdict: "met" };
      } catch (error) {
        if (error instanceof NotOffered) return { verdict: "not offered", reason: error.message };
        await discard();
        return { verdict: "broken", reason: error instanceof Error ? error.message : String(error) };
      } finally {
        clearTimeout(timer);
      }
    },
    [Symbol.asyncDispose]: discard,
  };
}
