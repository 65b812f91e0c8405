const words =
  /(?:^|_|\b)(?:key|keys|token|secret|secrets|password|passwd|passphrase|pass|pwd|credentials?|auth|cookie|dsn)(?:_|\b|$)/i;
const joined = /(?:api_?key|access_?key|private_?key|token|secret|password|passwd|credential)/i;

/** The patterns of such names, for code that runs elsewhere; a name is split at its capitals for the second. */
export const secretPatterns: readonly string[] = [joined.source, words.source];

/** Says whether a name looks like that of a key, a token or a password. */
export function isSecretName(name: string): boolean {
  // PWD and OLDPWD are the shell's working directories.
  if (name === "PWD" || name === "OLDPWD") return false;
  return joined.test(name) || words.test(name.replaceAll(/([a-z])([A-Z])/g, "$1_$2"));
}

/** Replaces a secret's value, and the password within a URL, by dots. */
export function maskSecret(name: string, value: string): string {
  if (isSecretName(name)) return value === "" ? "" : dots;
  return value.replaceAll(/(\b[a-z][\w+.-]*:\/\/[^\s/:@]*:)[^\s/@]+@/gi, `$1${dots}@`);
}

const dots = "········";
