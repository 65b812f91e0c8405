#!/usr/bin/env node
import { styleText } from "node:util";
import { agreeOnColors } from "../plain.ts";
import type { Command } from "./command.ts";
import { packageVersion } from "./package-root.ts";

const oldestNode = 24;

const commands: Record<string, () => Promise<Command>> = {
  install: async () => (await import("./install.ts")).install,
  uninstall: async () => (await import("./uninstall.ts")).uninstall,
  doctor: async () => (await import("./doctor.ts")).doctor,
  export: async () => (await import("./export.ts")).exportNotebook,
  run: async () => (await import("./run.ts")).run,
  up: async () => (await import("./up.ts")).up,
  down: async () => (await import("./down.ts")).down,
  ps: async () => (await import("./ps.ts")).ps,
  logs: async () => (await import("./logs.ts")).logs,
};

async function overview(): Promise<string> {
  const all = await Promise.all(Object.values(commands).map((load) => load()));
  const lines = all.map(({ name, summary }) => `  ${name.padEnd(12)}${summary}`);
  return `Typhoon, a TypeScript kernel for Jupyter\n\nUsage: typhoon COMMAND [OPTIONS]\n\n${lines.join("\n")}

  typhoon COMMAND --help   shows a command's options
  typhoon --version        shows the version\n`;
}

/** Runs `typhoon` with the words of its command line and returns the exit code. */
async function main([name, ...args]: string[]): Promise<number> {
  if (Number(process.versions.node.split(".")[0]) < oldestNode) {
    return refuse(`typhoon needs Node ${oldestNode} or newer; this is ${process.version}: install a newer Node.js`);
  }
  if (name === "--version" || name === "-v") return print(`${packageVersion()}\n`);
  if (name === undefined || name === "--help" || name === "-h" || name === "help") return print(await overview());
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (load === undefined) return refuse(`no command "${name}": typhoon --help lists the commands`);
  const command = await load();
  if (args.includes("--help") || args.includes("-h")) return print(`${command.help}\n`);
  try {
    return await command.run(args);
  } catch (error) {
    const reason = readerMessage(error);
    if (reason === undefined) throw error;
    return refuse(`${reason}\n  typhoon ${name} --help shows the options`);
  }
}

/** Returns the message of a failure that is not a bug of ours: a CommandError, or a wrong option. */
function readerMessage(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const isOption = "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS");
  return isOption || error.name === "CommandError" ? error.message : undefined;
}

function print(text: string): number {
  process.stdout.write(text);
  return 0;
}

function refuse(reason: string): number {
  console.error(`${styleText("red", "✗", { stream: process.stderr })} ${reason}`);
  return 1;
}

// A reader such as `head` may close the pipe before everything is said.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});
agreeOnColors(process.env);
process.exitCode = await main(process.argv.slice(2));
