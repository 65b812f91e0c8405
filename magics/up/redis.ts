import { loopback } from "./ports.ts";
import type { Recipe } from "./recipe.ts";
import { installRedis, redisProcess, redisUsers, withRedis } from "./redis-server.ts";
import { tlsParameters } from "./tls.ts";

/** Redis: the one on PATH, or Debian's. */
export const redis: Recipe = {
  name: "redis",
  title: "Redis",
  hasTls: true,
  users: redisUsers,
  login: "default",
  install: installRedis,
  start: async (server) => [await redisProcess(server, { name: "redis", port: server.ports[0]!, data: server.data })],
  async ready(server) {
    // While it reads its data it says LOADING to all but a few commands.
    await withRedis(server, server.ports[0]!, (client) => client.dbsize());
  },
  url: ({ user, password, ports, tls }) => `redis://${user}:${password}@${loopback}:${ports[0]}${tlsParameters(tls)}`,
};
