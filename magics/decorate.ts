/** What is decorated: a member of a class by its name, or the class. */
export interface Decorated {
  readonly kind: "method" | "getter" | "setter" | "field" | "class";
  readonly name: string | symbol;
  readonly static?: boolean;
}

/** A decorator of the standard; its own types say what it takes. */
export type StandardDecorator = (value: never, context: never) => unknown;

type Class = abstract new (...values: never) => object;
type Change = (this: unknown, value: unknown) => unknown;

const initializers = new WeakMap<object, (() => void)[]>();

/**
 * Applies decorators, the innermost first, as the standard says: Node has no syntax for them yet.
 * Of a class it returns what takes its place, of a field the function that makes its first value.
 */
export function decorate<T extends Class>(
  target: T,
  what: Decorated & { readonly kind: "class" },
  decorators: readonly StandardDecorator[],
): T;
export function decorate(
  target: Class,
  what: Decorated & { readonly kind: "field" },
  decorators: readonly StandardDecorator[],
): <V>(object: unknown, first: V) => V;
export function decorate(target: Class, what: Decorated, decorators: readonly StandardDecorator[]): void;
export function decorate(target: Class, what: Decorated, decorators: readonly StandardDecorator[]): unknown {
  const { kind, name, static: isStatic = false } = what;
  const ofClass = isStatic || kind === "class";
  const holder = ofClass ? target : (target.prototype as object);
  const added: (() => void)[] = ofClass ? [] : (initializers.get(target) ?? []);
  if (!ofClass) initializers.set(target, added);
  const descriptor = Object.getOwnPropertyDescriptor(holder, name) ?? {};
  const part = kind === "getter" ? "get" : kind === "setter" ? "set" : "value";
  let value: unknown = kind === "class" ? target : kind === "field" ? undefined : descriptor[part];
  const changes: Change[] = [];
  for (const decorator of decorators.toReversed()) {
    const context = {
      kind,
      name,
      ...(kind !== "class" && { static: isStatic, private: false, access: accessOf(kind, name) }),
      addInitializer: (initializer: () => void) => void added.push(initializer),
      metadata: {},
    };
    const result = decorator(value as never, context as never);
    if (result === undefined) continue;
    if (typeof result !== "function") throw new TypeError(`a decorator of ${String(name)} returned no function`);
    if (kind === "field") changes.push(result as Change);
    else value = result;
  }
  if (kind !== "class" && kind !== "field") Object.defineProperty(holder, name, { ...descriptor, [part]: value });
  if (ofClass) for (const initializer of added) initializer.call(kind === "class" ? value : target);
  if (kind === "class") return value;
  if (kind !== "field") return undefined;
  return (object: unknown, first: unknown) => changes.reduce((current, change) => change.call(object, current), first);
}

/** Runs what the decorators of a class's members have added for each new object; a field calls it before the others. */
export function initialize(object: object, target: Class): undefined {
  for (const initializer of initializers.get(target) ?? []) initializer.call(object);
  return undefined;
}

function accessOf(kind: Decorated["kind"], name: string | symbol): object {
  type Holder = Record<string | symbol, unknown>;
  return {
    has: (object: object) => name in object,
    ...(kind !== "setter" && { get: (object: Holder) => object[name] }),
    ...((kind === "setter" || kind === "field") && {
      set: (object: Holder, value: unknown) => {
        object[name] = value;
      },
    }),
  };
}
