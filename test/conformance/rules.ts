import type { Rule } from "./rule.ts";
import { commRules } from "./rules/comm.ts";
import { controlRules } from "./rules/control.ts";
import { errorRules } from "./rules/errors.ts";
import { executeRules } from "./rules/execute.ts";
import { historyRules } from "./rules/history.ts";
import { introspectionRules } from "./rules/introspection.ts";
import { kernelInfoRules } from "./rules/kernel-info.ts";
import { outputRules } from "./rules/output.ts";
import { statusRules } from "./rules/status.ts";
import { stdinRules } from "./rules/stdin.ts";
import { subshellRules } from "./rules/subshell.ts";
import { wireRules } from "./rules/wire.ts";

/** Every rule that is checked, by the part of the protocol that it belongs to. */
export const chapters: readonly { readonly title: string; readonly rules: readonly Rule[] }[] = [
  { title: "Wire, headers, heartbeat", rules: wireRules },
  { title: "Kernel info, welcome, kernelspec", rules: kernelInfoRules },
  { title: "Status", rules: statusRules },
  { title: "Execution", rules: executeRules },
  { title: "Errors and the queue", rules: errorRules },
  { title: "Output", rules: outputRules },
  { title: "Input", rules: stdinRules },
  { title: "Completion and inspection", rules: introspectionRules },
  { title: "History", rules: historyRules },
  { title: "Comms", rules: commRules },
  { title: "Interrupt and shutdown", rules: controlRules },
  { title: "Subshells", rules: subshellRules },
];
