import type { NameNews } from "./link.ts";
import type { Scopes } from "./scope.ts";
import { typeOfValue } from "./value-type.ts";

/** Follows what variables hold, as far as that matters to the types of later cells: functions assign them too. */
export interface VariableNews {
  /** What has changed since this was asked last; of names that were declared since, all. */
  take(declared: readonly string[]): NonNullable<NameNews["variables"]>;
}

/** Creates the news of a notebook's variables. */
export function followVariables(scopes: Scopes): VariableNews {
  let told = new Map<string, string>();
  return {
    take(declared) {
      for (const name of declared) told.delete(name);
      const now = new Map<string, string>();
      const news: { name: string; filled: boolean; type?: string | undefined }[] = [];
      for (const [name, value] of scopes.variables()) {
        const filled = value !== null && value !== undefined;
        const type = typeOfValue(value);
        const state = type ?? (filled ? "filled" : "empty");
        now.set(name, state);
        if (told.get(name) !== state) news.push({ name, filled, type });
      }
      told = now;
      return news;
    },
  };
}
