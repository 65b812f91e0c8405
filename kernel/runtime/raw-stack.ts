interface Stack {
  /** As V8 would have written it, with places in the code that ran. */
  readonly raw: string;
  /** As the user sees it. */
  readonly shown: string;
}

const stacks = new WeakMap<object, Stack>();

/** Remembers what was made of an error's stack. */
export function keepStack(error: object, stack: Stack): void {
  stacks.set(error, stack);
}

/** The stack with the places of the code that ran, for whoever maps them; what the user wrote there himself is kept. */
export function rawStack(error: object, stack: string): string {
  const known = stacks.get(error);
  return known?.shown === stack ? known.raw : stack;
}
