/** A server that could not be started or stopped, for a reason that the reader can mend: the message says how. */
export class ServerFailure extends Error {
  override readonly name = "ServerFailure";
}

/** Says whether an error is a ServerFailure, also one of another copy of this module. */
export function isServerFailure(error: unknown): error is Error {
  return Object.prototype.toString.call(error) === "[object Error]" && (error as Error).name === "ServerFailure";
}
