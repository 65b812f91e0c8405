/** What TypeScript has for names that people write who come from Python. */
export const pythonNames: ReadonlyMap<string, string> = new Map([
  ["print", "console.log(…)"],
  ["len", "….length"],
  ["None", "null"],
  ["True", "true"],
  ["False", "false"],
  ["str", "String(…)"],
  ["int", "Number(…)"],
  ["float", "Number(…)"],
  ["bool", "Boolean(…)"],
  ["range", "Array(…).keys()"],
  ["enumerate", "….entries()"],
  ["isinstance", "… instanceof …"],
]);
