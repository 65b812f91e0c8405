import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { loopback } from "./ports.ts";
import type { Recipe, Server } from "./recipe.ts";
import { installRedis, redisProcess, redisUsers, withRedis } from "./redis-server.ts";
import { giveTo } from "./unprivileged.ts";

const nodes = 3;
const slots = 16_384;
/** What is added to a node's port for the port by which nodes speak with each other. */
const busOffset = 10_000;

/** Three Redis masters that share the keys, without replicas. */
export const redisCluster: Recipe = {
  name: "redis-cluster",
  title: "Redis Cluster",
  ports: nodes,
  portOffset: busOffset,
  hasTls: false,
  users: redisUsers,
  login: "default",
  install: installRedis,
  async start(server) {
    return Promise.all(
      server.ports.map(async (port, i) => {
        const data = join(server.data, `node-${i + 1}`);
        await mkdir(data, { recursive: true });
        await giveTo(server.runAs, data);
        const settings = {
          "cluster-enabled": "yes",
          "cluster-config-file": "nodes.conf",
          "cluster-node-timeout": "2000",
        };
        return redisProcess(server, { name: `node-${i + 1}`, port, data, settings });
      }),
    );
  },
  async ready(server) {
    const states = await Promise.all(server.ports.map((port) => stateOf(server, port)));
    // New nodes serve nothing before they know each other.
    if (!server.isNew && !states.every((isOk) => isOk)) throw new Error("the nodes have not found each other yet");
  },
  async complete(server, signal) {
    await Promise.all(server.ports.map((port, i) => assignSlots(server, port, i)));
    await meet(server);
    while (!(await Promise.all(server.ports.map((port) => stateOf(server, port)))).every((isOk) => isOk)) {
      signal.throwIfAborted(); // each round asks all nodes, and gossip tells nobody that it is done
    }
    return undefined;
  },
  url: ({ user, password, ports }) => `redis+cluster://${user}:${password}@${loopback}:${ports[0]}`,
};

/** Whether a node serves: all slots have an owner that it reaches. */
function stateOf(server: Server, port: number): Promise<boolean> {
  return withRedis(server, port, async (client) => {
    const info = await client.cluster("INFO");
    return info.includes("cluster_state:ok") && info.includes(`cluster_known_nodes:${nodes}`);
  });
}

function assignSlots(server: Server, port: number, node: number): Promise<unknown> {
  const from = Math.round((node * slots) / nodes);
  const to = Math.round(((node + 1) * slots) / nodes) - 1;
  return withRedis(server, port, async (client) => {
    const all = Array.from({ length: to - from + 1 }, (_, i) => from + i);
    await client.call("CLUSTER", "SET-CONFIG-EPOCH", node + 1);
    await client.call("CLUSTER", "ADDSLOTS", ...all);
  });
}

async function meet(server: Server): Promise<void> {
  const [first, ...others] = server.ports;
  await withRedis(server, first!, async (client) => {
    for (const port of others) await client.call("CLUSTER", "MEET", loopback, port);
  });
}
