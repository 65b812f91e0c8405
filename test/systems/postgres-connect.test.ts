import { createServer, type Server } from "node:net";
import type { AddressInfo } from "node:net";
import { afterAll, describe, expect, test } from "vitest";
import { parseTarget } from "../../magics/connections/target.ts";
import { postgres } from "../../magics/sql/postgres/engine.ts";
import { drain, never, reasonOf, withDatabase } from "./postgres-session.ts";

const database = withDatabase({ tls: true });
const { server, run, another } = database;
const listening: Server[] = [];
afterAll(() => listening.forEach((each) => each.close()));

/** A place where something listens that is no PostgreSQL. */
async function listen(answer: string | undefined): Promise<number> {
  const other = createServer((socket) => {
    socket.on("error", () => {});
    if (answer !== undefined) socket.end(answer);
  });
  listening.push(other);
  other.listen(0, "127.0.0.1");
  await new Promise((resolve) => other.once("listening", resolve));
  return (other.address() as AddressInfo).port;
}

function change(parts: { user?: string; password?: string; host?: string; path?: string; query?: string }): string {
  const { user = server.user, password = server.password, host = `${server.host}:${server.port}` } = parts;
  return `postgresql://${user}:${encodeURIComponent(password)}@${host}/${parts.path ?? "postgres"}${parts.query ?? ""}`;
}

async function failure(url: string): Promise<{ name: string; message: string; hint: string | undefined }> {
  const error = await postgres
    .open(parseTarget("t", url, "/"))
    .connect(never)
    .then(
      () => undefined,
      (reason: unknown) => reason as { name: string; message: string; hint: string | undefined },
    );
  expect(error).toBeDefined();
  for (const text of [error!.message, error!.hint, (error as unknown as Error).stack]) {
    expect(text ?? "").not.toContain("wrong-secret");
    expect(text ?? "").not.toContain(server.password);
  }
  return error!;
}

describe("who cannot connect is told why and what to do", () => {
  test("wrong password, user, database", async () => {
    expect(await failure(change({ password: "wrong-secret" }))).toMatchObject({
      name: "InvalidPassword",
      hint: expect.stringContaining("%2F"),
    });
    expect(await failure(change({ user: "nobody" }))).toMatchObject({ name: "InvalidPassword" });
    expect(await failure(change({ path: "nope" }))).toMatchObject({
      name: "InvalidCatalogName",
      message: 'database "nope" does not exist',
    });
    const bare = `postgresql://${server.user}@${server.host}:${server.port}/postgres`;
    expect(await failure(bare)).toMatchObject({ name: "PasswordMissing", hint: expect.stringContaining("--ask") });
  });

  test("nobody there, or somebody else", async () => {
    expect(await failure(change({ host: "127.0.0.1:1" }))).toMatchObject({
      name: "ConnectionRefused",
      message: "nothing listens at 127.0.0.1:1",
    });
    expect(await failure(change({ host: "nowhere.invalid" }))).toMatchObject({
      name: "UnknownHost",
      message: "there is no host nowhere.invalid",
    });
    expect((await failure(change({ host: `127.0.0.1:${await listen("")}` }))).name).toBe("ConnectionClosed");
    const silent = change({ host: `127.0.0.1:${await listen(undefined)}`, query: "?connect_timeout=300ms" });
    expect(await failure(silent)).toMatchObject({
      name: "ConnectionTimeout",
      hint: expect.stringContaining("connect_timeout"),
    });
  });

  test("a certificate that nobody vouches for; a server that does not encrypt", async () => {
    expect(await failure(change({ query: "?tls=verify" }))).toMatchObject({
      name: "TlsUnverified",
      hint: expect.stringContaining("tls_ca"),
    });
    const wrongName = change({
      query: `?tls=verify&tls_ca=${encodeURIComponent(server.ca!)}&tls_server_name=other.example`,
    });
    expect((await failure(wrongName)).name).toBe("TlsUnverified");
    expect(await failure(change({ host: `127.0.0.1:${await listen("N")}`, query: "?tls=require" }))).toMatchObject({
      name: "TlsRefused",
    });
  });
});

test("an abort ends the attempt", async () => {
  const stop = new AbortController();
  const url = change({ host: `127.0.0.1:${await listen(undefined)}` });
  const connecting = postgres.open(parseTarget("t", url, "/")).connect(stop.signal);
  setImmediate(() => stop.abort(new Error("stopped")));
  await expect(connecting).rejects.toThrow("stopped");
});

test.for([["require"], ["prefer"], ["verify"]])("tls=%s encrypts, and a cancel is encrypted too", async ([mode]) => {
  const query = `?tls=${mode}${mode === "verify" ? `&tls_ca=${encodeURIComponent(server.ca!)}` : ""}`;
  const session = await another(change({ query }));
  expect((await run("select ssl from pg_stat_ssl where pid = pg_backend_pid()", [], session)).rows).toEqual([["t"]]);
  const stop = new AbortController();
  const failed = reasonOf(drain(session, "select pg_sleep(60)", stop.signal));
  while (
    (await run("select 1 from pg_stat_activity where query = 'select pg_sleep(60)' and state = 'active'")).rows
      .length === 0
  );
  stop.abort(new Error("stopped"));
  expect(await failed).toMatchObject({ message: "stopped" });
  expect((await run("select 1", [], session)).rows).toEqual([["1"]]);
});

test("of several hosts the first that answers is taken", async () => {
  const session = await another(change({ host: `127.0.0.1:1,${server.host}:${server.port}` }));
  expect((await run("select 1", [], session)).rows).toEqual([["1"]]);
});

test("options of the URL reach the server", async () => {
  const session = await another(change({ query: "?application_name=mine&options=-c%20work_mem%3D7MB" }));
  const { rows } = await run("select current_setting('application_name'), current_setting('work_mem')", [], session);
  expect(rows).toEqual([["mine", "7MB"]]);
});
