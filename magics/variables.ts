import { preview, typeOf } from "./preview.ts";
import type { Names } from "./magic.ts";
import { maskSecret } from "./mask-secrets.ts";
import { isSecretName } from "./secret.ts";

/** One line about a notebook's variable. */
export interface Variable {
  readonly name: string;
  readonly kind: string;
  readonly type: string;
  readonly preview: string;
}

/** Describes every variable; runs none of their code and never fails, whatever the values are. */
export function describeVariables(names: Names): Variable[] {
  return Array.from(names.entries(), ({ name, kind, value }) => ({
    name,
    kind,
    type: typeOf(value),
    preview: previewOf(name, value),
  }));
}

/** Shows the value of a variable, or of a member of this name, in one line; what may be secret is hidden. */
export function previewOf(name: string, value: unknown): string {
  return isHidden(name, value) ? maskSecret(name, "hidden") : maskSecret(name, preview(value));
}

/** Says whether a value is hidden for its name: what an object holds may be secret as well, so all of it is. */
export function isHidden(name: string, value: unknown): boolean {
  return isSecretName(name) && typeof value !== "function";
}
