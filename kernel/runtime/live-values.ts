import type { MemberPath } from "./code-context.ts";

/** Sends a command of the inspector protocol to the main thread. */
export type Post = (method: string, params?: object) => Promise<unknown>;

/** A value of the main thread, as the inspector describes it. */
export interface RemoteValue {
  readonly type: string;
  readonly subtype?: string;
  readonly className?: string;
  readonly value?: unknown;
  readonly unserializableValue?: string;
  readonly description?: string;
  readonly objectId?: string;
  readonly preview?: RemotePreview;
}

/** The first few entries of a value. */
export interface RemotePreview {
  readonly overflow: boolean;
  readonly properties: readonly { readonly name: string; readonly type: string; readonly value?: string }[];
  readonly entries?: readonly { readonly key?: RemotePreviewEntry; readonly value: RemotePreviewEntry }[];
}

/** A key or value of a Map or Set in a preview. */
export interface RemotePreviewEntry {
  readonly type: string;
  readonly description?: string;
}

/** Reads the main thread's values without running code that could change anything. */
export interface LiveValues {
  /** The list of the notebook's scope objects. */
  readonly scopes: RemoteValue;
  /** Runs a pure function in the main thread with `this` as given; undefined if it threw or could have an effect. */
  call<T>(self: RemoteValue, code: (...values: never[]) => T, ...values: unknown[]): Promise<T | undefined>;
  /** Follows a path; undefined where it does not exist or cannot be read without effects. */
  resolve(path: MemberPath): Promise<RemoteValue | undefined>;
}

interface CallResult {
  readonly result: RemoteValue;
  readonly exceptionDetails?: object;
}

const group = "typhoon.live";

// The functions below are sent as text: they may use nothing but their arguments and `this`.

function holderOf(this: object[], name: string): object {
  for (let i = this.length - 1; i >= 0; i--) {
    const scope = this[i];
    if (scope !== undefined && Object.hasOwn(scope, name)) return scope;
  }
  return globalThis;
}

function step(this: Record<string | number, unknown>, key: string | number): unknown {
  return this[key];
}

/**
 * An import's binding only reads the module's export, and a global of the kernel is only made at first use:
 * V8 cannot know them to be harmless.
 */
function ownGetter(this: object, name: string): unknown {
  const { get } = Object.getOwnPropertyDescriptor(this, name) ?? {};
  if (get?.name === "makeProvided") return get;
  const text = get === undefined ? "" : Function.prototype.toString.call(get);
  return /^\(\)\s*=>\s*\(?\s*[\w$]+\s*\)?\s*(?:\[[\w$]+\]|\.[\w$]+)?$/.test(text) ? get : undefined;
}

function invoke(this: () => unknown): unknown {
  return this();
}

const prototypes: Record<string, string> = {
  string: "String.prototype",
  array: "Array.prototype",
  regex: "RegExp.prototype",
  number: "Number.prototype",
  bigint: "BigInt.prototype",
  boolean: "Boolean.prototype",
  symbol: "Symbol.prototype",
};

/** Opens the main thread's values for one question, answers it, and lets go of everything that was held for it. */
export async function withLiveValues<T>(
  post: Post,
  scopesExpression: string,
  ask: (live: LiveValues) => Promise<T>,
): Promise<T> {
  const evaluate = async (expression: string): Promise<RemoteValue> => {
    // No `timeout`: where it strikes, V8 ends the cell that was interrupted for this, too.
    return ((await post("Runtime.evaluate", { expression, objectGroup: group })) as CallResult).result;
  };

  async function remote(
    self: RemoteValue,
    code: unknown,
    values: readonly unknown[],
    options: object,
  ): Promise<RemoteValue | undefined> {
    if (self.objectId === undefined) return undefined;
    const { result, exceptionDetails } = (await post("Runtime.callFunctionOn", {
      functionDeclaration: String(code),
      objectId: self.objectId,
      arguments: values.map((value) => ({ value })),
      objectGroup: group,
      throwOnSideEffect: true,
      ...options,
    })) as CallResult;
    return exceptionDetails === undefined ? result : undefined;
  }

  async function member(self: RemoteValue, key: string | number): Promise<RemoteValue | undefined> {
    const holder = self.objectId === undefined ? await evaluate(prototypes[self.type] ?? "undefined") : self;
    const found = await remote(holder, step, [key], { generatePreview: true });
    if (found !== undefined || self.className !== "Module") return found;
    // V8 takes reading a module's export for an effect; the inspector tells an export by its native getter.
    const listed = (await post("Runtime.getProperties", { objectId: self.objectId, ownProperties: true })) as {
      readonly result: readonly { readonly name: string; readonly get?: RemoteValue }[];
    };
    const isExport = listed.result.some(({ name, get }) => {
      return name === String(key) && get?.description?.includes("[native code]") === true;
    });
    return isExport ? remote(self, step, [key], { throwOnSideEffect: false, generatePreview: true }) : undefined;
  }

  async function base(name: string): Promise<RemoteValue | undefined> {
    const holder = await remote(scopes, holderOf, [name], {});
    if (holder === undefined) return undefined;
    const found = await remote(holder, step, [name], { generatePreview: true });
    if (found !== undefined) return found;
    const getter = await remote(holder, ownGetter, [name], {});
    return getter && (await remote(getter, invoke, [], { throwOnSideEffect: false, generatePreview: true }));
  }

  const scopes = await evaluate(scopesExpression);
  try {
    return await ask({
      scopes,
      call: async (self, code, ...values) =>
        (await remote(self, code, values, { returnByValue: true }))?.value as never,
      async resolve({ base: start, steps }) {
        let value = "name" in start ? await base(start.name) : await evaluate(prototypes[start.literal] ?? "undefined");
        for (const key of steps) value = value && (await member(value, key));
        if (value === undefined || value.objectId !== undefined) return value;
        const prototype = prototypes[value.type];
        return prototype === undefined ? value : { ...value, objectId: (await evaluate(prototype)).objectId ?? "" };
      },
    });
  } finally {
    await post("Runtime.releaseObjectGroup", { objectGroup: group });
  }
}
