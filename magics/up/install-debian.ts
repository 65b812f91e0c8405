import { existsSync, readdirSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { ServerFailure, isServerFailure } from "./failure.ts";
import { findProgram, installFolder } from "./install.ts";
import type { Host } from "./recipe.ts";
import { runTool } from "./tool.ts";

/** Packages of Debian or Ubuntu, unpacked into a folder of ours: nothing is installed into the system, nobody needs root. */
export interface Unpacked {
  readonly folder: string;
  /** What its programs need in their environment. */
  readonly env: Readonly<Record<string, string>>;
}

/** Unpacks packages of Debian or Ubuntu with what they depend on. `elsewhere` says what to do where there is no apt. */
export async function unpackDebian(
  names: readonly [string, ...string[]],
  label: string,
  elsewhere: string,
  host: Host,
): Promise<Unpacked> {
  const apt = findProgram("apt-get");
  const dpkg = findProgram("dpkg-deb");
  if (apt === undefined || dpkg === undefined) throw new ServerFailure(elsewhere);
  const folder = await installFolder(`debian-${names[0]}`, label, host, async (partial) => {
    const archives = join(partial, "archives");
    await mkdir(archives);
    const options = { signal: host.signal, cwd: archives, env: { LC_ALL: "C", DEBIAN_FRONTEND: "noninteractive" } };
    const sources = await listPackages(apt, names, partial, options);
    // "Unsandboxed": apt's own user cannot write where we are root and the folder is ours.
    const quiet = ["-q", ...sources.options, "-o", "APT::Sandbox::User=root"];
    await runTool(apt, [...quiet, "download", ...sources.packages], {
      ...options,
      advice: "Is there a network, and a mirror that apt reaches?",
    });
    for (const file of readdirSync(archives)) await runTool(dpkg, ["-x", join(archives, file), partial], options);
    await Promise.all(["archives", "apt"].map((left) => rm(join(partial, left), { recursive: true, force: true })));
  });
  const libraries = libraryFolders(folder).join(":");
  return { folder, env: libraries === "" ? {} : { LD_LIBRARY_PATH: libraries } };
}

type Options = Parameters<typeof runTool>[2];

/** Lists packages with those that they need and the machine lacks; where apt knows no packages, it is told of them first. */
async function listPackages(
  apt: string,
  names: readonly string[],
  partial: string,
  options: Options,
): Promise<{ readonly packages: readonly string[]; readonly options: readonly string[] }> {
  const ask = async (more: readonly string[]): Promise<string[]> => {
    // A dry run that prints an address for each file; it needs no lock and no root.
    const how = ["-qq", "-y", "--no-install-recommends", "--reinstall", "--print-uris", "-o", "Debug::NoLocking=1"];
    const printed = await runTool(apt, [...how, ...more, "install", ...names], options);
    return [...printed.matchAll(/^'[^']*' (\S+?)_\S* \d+/gm)].map(([, found]) => found!);
  };
  const known = await ask([]).catch((error: unknown): string[] => {
    if (!isServerFailure(error)) throw error;
    return [];
  });
  // Of a package that is installed it knows the name, and without lists nothing more.
  if (names.every((name) => known.includes(name))) return { packages: known, options: [] };
  const lists = join(partial, "apt", "lists");
  await mkdir(join(lists, "partial"), { recursive: true });
  const own = [
    "-o",
    `Dir::State::lists=${lists}`,
    "-o",
    `Dir::Cache=${join(partial, "apt")}`,
    "-o",
    "APT::Sandbox::User=root",
  ];
  await runTool(apt, ["-qq", ...own, "update"], options);
  return { packages: await ask(own), options: own };
}

/** The folders of libraries below an unpacked root: Debian has one for each architecture. */
function libraryFolders(root: string): string[] {
  return ["usr/lib", "lib"].flatMap((lib) => {
    const folder = join(root, lib);
    if (!existsSync(folder)) return [];
    return readdirSync(folder).flatMap((name) => (/-linux-/.test(name) ? [join(folder, name)] : []));
  });
}
