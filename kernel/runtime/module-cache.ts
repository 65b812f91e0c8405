import module, { createRequire, syncBuiltinESMExports } from "node:module";
import { pathToFileURL } from "node:url";
import { types } from "node:util";

/** What Node keeps of the modules that it has loaded, without an end of its own. */
export interface ModuleCache {
  /** Whether Node can be made to forget what it has imported; else each version needs a URL of its own. */
  readonly forgetsImports: boolean;
  /** Makes Node forget a version of a file. */
  forget(path: string, version: number): Forgotten;
  isRequired(path: string): boolean;
  /** Whether a version has thrown, or could not be loaded; undefined where Node's list of modules does not tell. */
  hasFailed(path: string, version: number): boolean | undefined;
  /** `module.exports` of a CommonJS file that is loaded. */
  exportsOf(path: string): unknown;
}

/** What others may still hold of a forgotten version. */
export interface Forgotten {
  /** Namespace of an ES module that came to run. */
  readonly namespace: object | undefined;
  /** `module.exports` of CommonJS. */
  readonly exports: unknown;
}

interface Job {
  readonly module?: { getNamespace(): object; getStatus(): number };
}

const require = createRequire(import.meta.url);
const loaderModule = "internal/modules/esm/loader";
// V8's `Module::kErrored`. While a module awaits, its status is one that is lower.
const errored = 5;

/** Opens Node's caches of this process. */
export function createModuleCache(): ModuleCache {
  const required = require.cache;
  let loaded: Map<string, Record<string, Job | undefined>> | undefined;
  hideInternals();

  /** Node gives no way to forget an ES module: its list of them is reached with `--expose-internals`, where it is as known. */
  function openLoaded(): typeof loaded {
    try {
      const { getOrInitializeCascadedLoader: open } = require(loaderModule) as {
        getOrInitializeCascadedLoader(): { readonly loadCache: unknown };
      };
      const { loadCache } = open();
      return types.isMap(loadCache) ? (loadCache as typeof loaded) : undefined;
    } catch {
      return undefined; // old versions stay in memory, which is told once they are many
    }
  }

  function forgetRequired(key: string): unknown {
    const old = required[key];
    if (!old) return undefined;
    delete required[key];
    // Whoever required it first lists it for good.
    const { children } = (old as { parent?: NodeJS.Module | null }).parent ?? {};
    const at = children?.indexOf(old) ?? -1;
    if (at >= 0) children!.splice(at, 1);
    return old.exports as unknown;
  }

  function jobOf(url: string): Job | undefined {
    const jobs = loaded && (Map.prototype.get.call(loaded, url) as Record<string, Job | undefined> | undefined);
    return jobs && Object.values(jobs).find((job) => job?.module !== undefined);
  }

  function forgetLoaded(url: string): object | undefined {
    if (!loaded) return undefined;
    const job = jobOf(url);
    Map.prototype.delete.call(loaded, url);
    return namespaceOf(job);
  }

  function isOpen(): boolean {
    loaded ??= openLoaded();
    return loaded !== undefined;
  }

  return {
    get forgetsImports() {
      return isOpen();
    },
    forget(path, version) {
      isOpen();
      forgetRequired(`${path}?v${version}`); // an ES module, whose namespace says the same
      const exports = forgetRequired(path);
      const namespace = urlsOf(path, version)
        .map(forgetLoaded)
        .find((found) => found !== undefined);
      return { namespace, exports };
    },
    isRequired: (path) => path in required,
    hasFailed(path, version) {
      if (path in required) return false;
      if (!isOpen()) return undefined;
      const job = urlsOf(path, version)
        .map(jobOf)
        .find((found) => found !== undefined);
      // Node itself forgets what it could not load, and what threw when it was required.
      return job === undefined || job.module?.getStatus() === errored;
    },
    exportsOf: (path) => required[path]?.exports as unknown,
  };
}

function urlsOf(path: string, version: number): readonly string[] {
  const { href } = pathToFileURL(path);
  return [href, `${href}%3Fv${version}`, `${href}?v${version}`];
}

/** The flag that opens Node's internals is for nobody else: not for the list of modules, nor for the processes of `fork`. */
function hideInternals(): void {
  const at = process.execArgv.indexOf("--expose-internals");
  if (at >= 0) process.execArgv.splice(at, 1);
  const names = module.builtinModules.filter((name) => !isInternal(name));
  if (names.length === module.builtinModules.length) return;
  const { isBuiltin } = module;
  const { getBuiltinModule } = process;
  Object.defineProperties(module, {
    builtinModules: { value: names },
    isBuiltin: { value: (name: string) => !isInternal(name) && isBuiltin(name) },
  });
  Object.defineProperty(process, "getBuiltinModule", {
    value: (name: string) => (isInternal(name) ? undefined : getBuiltinModule(name)),
  });
  syncBuiltinESMExports();
}

/** Says whether a specifier is one of Node's own insides, which a notebook's folder may use as a name of its own. */
export function isInternal(specifier: string): boolean {
  return /^(?:node:)?internal\//.test(specifier);
}

function namespaceOf(job: Job | undefined): object | undefined {
  try {
    return job?.module?.getNamespace();
  } catch {
    return undefined; // it never came to run
  }
}
