import type { PackageJson } from "./folder.ts";

/**
 * Packages that ask for something which cannot be had everywhere, and what to install in its place.
 * As npm's `overrides`: they hold only below the package.
 */
const known: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  // xlsx comes from an address of its own instead of the registry; the native TensorFlow is built at its installation.
  "danfojs-node": { xlsx: "0.18.5", "@tensorflow/tfjs-node": "npm:@tensorflow/tfjs@4.22.0" },
};

/** Adds the known overrides for packages to a `package.json`; what it overrides already stays. Undefined if nothing is new. */
export function withOverrides(content: PackageJson, names: readonly string[]): PackageJson | undefined {
  const overrides: Record<string, unknown> = { ...content.overrides };
  let changed = false;
  for (const name of names) {
    const wanted = known[name];
    if (!wanted || Object.hasOwn(overrides, name)) continue;
    overrides[name] = wanted;
    changed = true;
  }
  return changed ? { ...content, overrides } : undefined;
}
