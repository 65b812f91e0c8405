import { readOptions } from "../../connections/options.ts";
import type { SqlEngine } from "../engine.ts";
import { dialect } from "./dialect.ts";
import { openSession } from "./session.ts";

/** MySQL and MariaDB. */
export const mysql: SqlEngine = {
  title: "MySQL",
  dialect,
  open(target) {
    const options = readOptions(target);
    const [name] = Object.keys(options.parameters);
    if (name !== undefined) throw new TypeError(`MySQL's URLs have no ${name} here`);
    return { connect: (signal) => openSession(options, signal), close: async () => {} };
  },
};
