import { findNearest } from "../nearest.ts";
import { ServerFailure } from "./failure.ts";
import type { Recipe } from "./recipe.ts";

// To add a server: its recipe in a file of its own, and a line here.
const table: Readonly<Record<string, () => Promise<Recipe>>> = {
  mongo: () => import("./mongo.ts").then((m) => m.mongo),
  mysql: () => import("./mysql.ts").then((m) => m.mysql),
  postgres: () => import("./postgres.ts").then((m) => m.postgres),
  redis: () => import("./redis.ts").then((m) => m.redis),
  "redis-cluster": () => import("./redis-cluster.ts").then((m) => m.redisCluster),
};

/** Names of the servers that can be started. */
export const recipeNames: readonly string[] = Object.keys(table);

/** Returns the recipe of that name, or says which there are. */
export async function loadRecipe(name: string): Promise<Recipe> {
  if (Object.hasOwn(table, name)) return table[name]!();
  const nearest = findNearest(name, recipeNames);
  const advice = nearest === undefined ? `There are ${recipeNames.join(", ")}` : `Did you mean ${nearest}?`;
  throw new ServerFailure(`there is no server "${name}" to start. ${advice}`);
}
