/** Returns a function that names the globals that user code has made since it was called last. */
export function watchGlobals(): () => readonly string[] {
  const known = new Set(Object.getOwnPropertyNames(globalThis));
  return () => {
    const made = Object.getOwnPropertyNames(globalThis).filter((name) => !known.has(name));
    for (const name of made) known.add(name);
    return made;
  };
}
