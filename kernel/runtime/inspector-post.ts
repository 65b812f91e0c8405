import type { Session } from "node:inspector";

/** Makes a session's callback interface a promise. */
export function postTo(session: Session): (method: string, params?: object) => Promise<unknown> {
  return (method, params) =>
    new Promise((resolve, reject) => {
      session.post(method, params as never, (error: Error | null, result?: object) =>
        error ? reject(new Error(`${method}: ${error.message}`, { cause: error })) : resolve(result),
      );
    });
}
