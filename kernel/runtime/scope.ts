/** How a name was declared, as `%whos` shows it. */
export type Kind = "const" | "let" | "var" | "function" | "class" | "enum" | "namespace" | "import";

/** One binding of an import: the export's name (`*` for the namespace), ours, and whether the importing cell uses it as a value. */
export type ImportBinding = readonly [imported: string, local: string, used?: boolean];

/** The objects on which the notebook's names live. Compiled cells read and write their properties directly. */
export interface Scopes {
  /** The scope objects by index: always the same array, whose elements `clear` replaces. */
  readonly objects: readonly object[];
  /** Returns the index of the object that holds a name, if the notebook knows the name. */
  indexOf(name: string): number | undefined;
  /** Returns the index of a name's object, and gives it one if it is new. */
  place(name: string): number;
  /** Declares a name anew, whatever it was before, and returns the value. */
  declare<T>(kind: Kind, name: string, value: T): T;
  /** Makes names assignable before a pattern or a `var` sets them; they keep their old values. Returns `value`. */
  open<T>(kind: Kind, names: readonly string[], value: T): T;
  /** Makes the constants among names read-only once they have their values. */
  seal(names: readonly string[]): void;
  /** Declares names that follow the exports of a module. */
  bind(module: object, specifier: string, bindings: readonly ImportBinding[]): void;
  /** Makes names that follow a module's exports follow those of a newer version; they were not declared anew. */
  rebind(module: object, specifier: string, bindings: readonly ImportBinding[]): void;
  /** Gives a name a value that is made at first use. A declaration of the user's takes its place; it is not among `entries`. */
  provide(name: string, make: () => unknown): void;
  get(name: string): unknown;
  has(name: string): boolean;
  /** Assigns a name, which is declared as `let` if it is new. */
  set(name: string, value: unknown): void;
  /** The names that the user declared, in order of declaration. */
  entries(): Iterable<{ readonly name: string; readonly kind: Kind; readonly value: unknown }>;
  /** The names that cells have declared to be assigned, and their values. */
  variables(): Iterable<readonly [name: string, value: unknown]>;
  /** Forgets every declared name. Code that is still running keeps what it has seen. */
  clear(): void;
  /** What has been declared since this was asked last, and whether all names were forgotten before. */
  news(): { readonly cleared: boolean; readonly names: readonly string[] };
}

// V8 keeps an object made this way in its fast mode up to about a thousand properties; past that a loop is 8 × slower.
const namesPerObject = 480;

type Names = Record<string, unknown>;

/** Creates the scope objects of a notebook without names. */
export function createScopes(): Scopes {
  const objects: object[] = [];
  const homes = new Map<string, number>();
  const kinds = new Map<string, Kind>();
  const provided = new Map<string, () => unknown>();
  let room = 0;
  let fresh = new Set<string>();
  let cleared = false;

  /** The object that has a name now; cells compiled before its declaration look for it on another one. */
  function holder(name: string): Names | undefined {
    const object = objects[homes.get(name) ?? -1];
    return object && Object.hasOwn(object, name) ? (object as Names) : undefined;
  }

  // Reached only for names that the scope object does not have.
  const missing: ProxyHandler<object> = {
    get(_, name) {
      if (typeof name === "symbol") return undefined;
      const object = holder(name);
      if (object) return object[name];
      if (name in globalThis) return Reflect.get(globalThis, name);
      throw new ReferenceError(`${name} is not defined`);
    },
    has: (_, name) => typeof name === "string" && (holder(name) !== undefined || name in globalThis),
    set(_, name, value) {
      if (typeof name === "symbol") return false;
      const object = holder(name);
      if (object) object[name] = value;
      else if (name in globalThis) Reflect.set(globalThis, name, value);
      else throw new ReferenceError(`${name} is not defined`);
      return true;
    },
  };

  function addObject(): void {
    // `Object.create(null)` and `delete` would put the object into dictionary mode, 13 × slower.
    objects.push(Object.create(new Proxy(Object.create(null) as object, missing)) as object);
    room = namesPerObject;
  }

  function place(name: string): number {
    const known = homes.get(name);
    if (known !== undefined) return known;
    if (room === 0) addObject();
    room -= 1;
    homes.set(name, objects.length - 1);
    return objects.length - 1;
  }

  function define(name: string, descriptor: PropertyDescriptor): void {
    const object = objects[place(name)] as object;
    const old = Object.getOwnPropertyDescriptor(object, name);
    Object.defineProperty(object, name, { ...descriptor, enumerable: true, configurable: true });
    if (old && (old.get !== undefined || old.writable !== descriptor.writable)) makeFast(object);
  }

  function note(kind: Kind, name: string): void {
    kinds.delete(name); // so that the order is that of the latest declarations
    kinds.set(name, kind);
    fresh.add(name);
  }

  function declare<T>(kind: Kind, name: string, value: T): T {
    note(kind, name);
    define(name, { value, writable: kind !== "const" });
    return value;
  }

  function defineImport(name: string, get: () => unknown): void {
    const set = (): never => {
      throw new TypeError(`Assignment to constant variable '${name}'.`);
    };
    define(name, { get, set });
  }

  function defineProvided(name: string, make: () => unknown): void {
    const set = (value: unknown): void => define(name, { value, writable: true });
    // Inspection calls an accessor of this name.
    const makeProvided = (): unknown => {
      const value = make();
      set(value);
      return value;
    };
    define(name, { get: makeProvided, set });
  }

  addObject();

  return {
    objects,
    indexOf: (name) => homes.get(name),
    place,
    declare,
    open(kind, names, value) {
      for (const name of names) {
        const object = kinds.has(name) ? holder(name) : undefined;
        const old = object && kinds.get(name) !== "import" ? object[name] : undefined;
        note(kind, name);
        define(name, { value: old, writable: true });
      }
      return value;
    },
    seal(names) {
      for (const name of names) if (kinds.get(name) === "const") define(name, { writable: false });
    },
    bind(module, specifier, bindings) {
      const readers = bindings.map(([imported, local, used]) => {
        const read = reader(module as Names, specifier, imported);
        if (used === true && read.missing) read.get();
        return [local, read.get] as const;
      });
      for (const [local, get] of readers) {
        note("import", local);
        defineImport(local, get);
      }
    },
    rebind(module, specifier, bindings) {
      for (const [imported, local] of bindings) defineImport(local, reader(module as Names, specifier, imported).get);
    },
    provide(name, make) {
      provided.set(name, make);
      defineProvided(name, make);
    },
    get: (name) => holder(name)?.[name],
    has: (name) => kinds.has(name),
    set(name, value) {
      const object = kinds.has(name) ? holder(name) : undefined;
      if (object) object[name] = value;
      else declare("let", name, value);
    },
    news() {
      const news = { cleared, names: [...fresh] };
      fresh = new Set();
      cleared = false;
      return news;
    },
    *entries() {
      for (const [name, kind] of kinds)
        if (holder(name)) yield { name, kind, value: safely(() => holder(name)?.[name]) };
    },
    *variables() {
      for (const [name, kind] of kinds)
        if (kind === "let" || kind === "var") yield [name, holder(name)?.[name]] as const;
    },
    clear() {
      objects.length = 0;
      homes.clear();
      kinds.clear();
      fresh.clear();
      cleared = true;
      addObject();
      for (const [name, make] of provided) defineProvided(name, make);
    },
  };
}

/**
 * Brings an object back from dictionary mode, ten times slower, into which V8 puts it when a value becomes an accessor
 * or a `const` a `let`: V8 makes an object fast when a property is read through it as the prototype of an instance.
 */
function makeFast(object: object): void {
  const constructor = function (): void {};
  constructor.prototype = object;
  const instance = Reflect.construct(constructor, []) as object;
  void instance.toString; // a global's name, so that reading it does not throw
}

/** Says how to read an export; a CommonJS module's exports that Node did not see are members of its default export. */
function reader(module: Names, specifier: string, imported: string): { get: () => unknown; missing: boolean } {
  if (imported === "*") {
    const namespace = namespaceOf(module);
    return { get: () => namespace, missing: false };
  }
  if (imported in module) return { get: () => module[imported], missing: false };
  const whole = module["default"];
  const holds = (typeof whole === "object" && whole !== null) || typeof whole === "function";
  if (holds && imported in whole) return { get: () => (whole as Names)[imported], missing: false };
  const get = (): never => {
    throw new SyntaxError(`The requested module '${specifier}' does not provide an export named '${imported}'`);
  };
  return { get, missing: true };
}

/** A CommonJS module's namespace with the exports that Node did not see in its text, as `import * as _ from "lodash"` expects. */
function namespaceOf(module: Names): Names {
  const whole = module["module.exports"]; // the export by which Node marks a CommonJS module
  if ((typeof whole !== "object" || whole === null) && typeof whole !== "function") return module;
  const unseen = Object.entries(Object.getOwnPropertyDescriptors(whole)).filter(
    ([name, { enumerable }]) => enumerable === true && !(name in module),
  );
  if (unseen.length === 0) return module;
  return Object.defineProperties({ ...module }, Object.fromEntries(unseen));
}

// An import that turned out to be a type throws when it is read; a listing goes on.
function safely(read: () => unknown): unknown {
  try {
    return read();
  } catch {
    return undefined;
  }
}
