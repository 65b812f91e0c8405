import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Command, CommandError } from "./command.ts";
import { removeKernelspec } from "./kernelspec.ts";
import { locate, locationHelp, locationOptions } from "./location.ts";

/** `typhoon uninstall` removes a kernelspec that `typhoon install` wrote. */
export const uninstall: Command = {
  name: "uninstall",
  summary: "removes the kernel from Jupyter",
  help: `Usage: typhoon uninstall [--user | --sys-prefix | --prefix DIR] [--name NAME]\n\n${locationHelp}`,
  async run(args) {
    const { values } = parseArgs({ args, options: locationOptions });
    const dataDir = locate(values);
    if (!(await removeKernelspec(dataDir, values.name))) {
      const folder = join(dataDir, "kernels", values.name);
      throw new CommandError(`there is no kernelspec ${folder}: typhoon doctor lists those that are there`);
    }
    console.log(`✓ removed kernelspec "${values.name}" from ${join(dataDir, "kernels")}`);
    return 0;
  },
};
