/** Puts a function in the place of another, with its name, length and Node's own marks. */
export function replace<T extends object>(owner: T, name: keyof T & string, by: unknown): void {
  const original = owner[name] as object;
  const { prototype: _, ...properties } = Object.getOwnPropertyDescriptors<object>(original);
  owner[name] = Object.defineProperties(by as object, properties) as T[keyof T & string];
}
