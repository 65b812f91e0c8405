import type { Tls } from "./tls.ts";
import type { User } from "./unprivileged.ts";

/** A program of a server, as its supervisor starts it. */
export interface ServerProcess {
  /** Tells it from the server's other programs, in errors: `postgres`, `node 2`. */
  readonly name: string;
  readonly command: string;
  /** Everybody on the machine can read these: no secret. */
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** The user that it runs as, where that is another than ours. */
  readonly user?: User | undefined;
  /** What ends it in good order; SIGTERM by default. */
  readonly stop?: NodeJS.Signals;
}

/** A server's programs on this machine. */
export interface Installed {
  /** What is installed, for people: `18.4`. */
  readonly version: string;
  /** Data of another such version cannot be read: `18`. */
  readonly dataVersion: string;
  /** Path of each program by its name. */
  readonly programs: Readonly<Record<string, string>>;
  /** Added to the environment of the programs. */
  readonly env?: Readonly<Record<string, string>>;
}

/** One server that is started. Its data stays in `folder` when it stops. */
export interface Server {
  readonly name: string;
  readonly folder: string;
  /** The folder of its data, empty and the server's own user's where `isNew`. */
  readonly data: string;
  readonly isNew: boolean;
  /** As many as the recipe asks for; the first is the one that clients use. All on 127.0.0.1. */
  readonly ports: readonly number[];
  readonly user: string;
  readonly password: string;
  /** Present where clients are to use TLS. */
  readonly tls: Tls | undefined;
  /** The user that programs run as which refuse to run as root; undefined where we are not root. */
  readonly runAs: User | undefined;
  readonly installed: Installed;
}

/** What a recipe may use of the one who asked for the server. */
export interface Host {
  /** Aborted at interrupt: leave nothing behind. */
  readonly signal: AbortSignal;
  /** Where installed packages are kept. */
  readonly packages: string;
  /** Shows one line, such as a note on what takes long. */
  say(line: string): void;
  /** Does work that takes a while and shows how it goes on, by the bytes that are in `folder` so far. */
  step<T>(label: string, folder: string, work: () => Promise<T>): Promise<T>;
}

/** How one kind of server is installed, started, asked and stopped. To add one: a file, and a line in recipes.ts. */
export interface Recipe {
  /** What stands behind `%up`. */
  readonly name: string;
  /** As people write it: `PostgreSQL`. */
  readonly title: string;
  /** Number of ports that it listens on; 1 by default. */
  readonly ports?: number;
  /** It also listens on each of its ports plus this. */
  readonly portOffset?: number;
  readonly hasTls: boolean;
  /** The user that clients log in as; `typhoon` by default. */
  readonly login?: string;
  /** Users of the system that it may run as where we are root, the best first; absent where it runs as root like any program. */
  readonly users?: readonly string[];
  /** Time that a start may take on a slow machine; a minute by default. */
  readonly readyMs?: number;
  /** Finds or installs the programs. Where they are there already, this takes milliseconds. */
  install(host: Host): Promise<Installed>;
  /** Makes new data where there is none, and says which programs to start, in this order. */
  start(server: Server, host: Host): Promise<readonly ServerProcess[]>;
  /** Asks once whether it answers; rejects where it does not yet. */
  ready(server: Server, signal: AbortSignal): Promise<void>;
  /** Completes new data once the server answers; the programs that it returns replace those that run. */
  complete?(server: Server, signal: AbortSignal): Promise<readonly ServerProcess[] | undefined>;
  /** The URL of its connection, with the password. */
  url(server: Server): string;
}
