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

// Of certificates and of MongoDB's logins: files, and names of databases and methods.
const open =
  /^(?:(?:tls|ssl)[_-]?(?:key|cert_and_key)|tlsCertificateKeyFile|auth_?(?:source|mechanism)|default_?auth(?:entication_?plugin)?)$/i;

/** Says whether a URL's parameter looks like a key, a token or a password itself, rather than the file of one. */
export function isSecretParameter(name: string): boolean {
  return isSecretName(name) && !open.test(name);
}
