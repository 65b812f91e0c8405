// What a notebook gets that imports "tslab": its API on our display, so that notebooks of that kernel run unchanged.
import packageJson from "../package.json" with { type: "json" };

export { type Display, display, newDisplay } from "../display/tslab.ts";

/** The version of tslab whose API this is. */
const tslabVersion = "1.0.22";

const packages: Readonly<Record<string, string>> = { ...packageJson.devDependencies, ...packageJson.dependencies };

/** The versions that tslab tells of; `tslab` is that of its API, with ours as the build: `1.0.22+typhoon.0.1.0`. */
export const versions: { readonly tslab: string; readonly typescript: string; readonly node: string } = {
  tslab: `${tslabVersion}+typhoon.${packageJson.version}`,
  typescript: packages["typescript"] ?? "",
  node: process.version,
};
