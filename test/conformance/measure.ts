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

/** Prepares to measure a kernel, which is started up to `attempts` times where it does not start. */
export function measure(subject: Subject, attempts = 1): Measurement {
  let kernel: Kernel | undefined;

  async function discard(): Promise<void> {
    const old = kernel;
    kernel = undefined;
    await old?.[Symbol.asyncDispose]();
  }

  async function started(): Promise<Kernel> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await startKernel(subject);
      } catch (error) {
        if (attempt === attempts) throw error;
      }
    }
  }

  return {
    async check(rule) {
      const limit = Promise.withResolvers<never>();
      let timer: NodeJS.Timeout | undefined;
      try {
        kernel ??= await started();
        const late = new Violation(`no end within ${checkLimitMs / 1_000} s`);
        timer = setTimeout(() => limit.reject(late), checkLimitMs);
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
