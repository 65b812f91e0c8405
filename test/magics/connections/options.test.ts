import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { driverUrl, readOptions } from "../../../magics/connections/options.ts";
import { type Target, parseTarget } from "../../../magics/connections/target.ts";

const target = (url: string): Target => parseTarget("x", url, "/nb");
const read = (url: string): ReturnType<typeof readOptions> => readOptions(target(url));

describe("a server's URL", () => {
  test("gives host, port, login and database, decoded", () => {
    const options = read("postgresql://ann%40x:p%2Fw%20d@db.example:6543/shop%20a?application_name=n%26m");
    expect(options).toMatchObject({ host: "db.example", port: 6543, user: "ann@x", database: "shop a" });
    expect(options.password).toBe("p/w d");
    expect(options.parameters).toEqual({ application_name: "n&m" });
  });

  test("gives the kind's port, ten seconds, ten sessions and this machine where it says nothing", () => {
    expect(read("mysql://")).toMatchObject({ host: "localhost", port: 3306, connectTimeoutMs: 10_000, poolMax: 10 });
    expect(read("redis://h?connect_timeout=500ms&pool_max=3&pool_idle=2min")).toMatchObject({
      port: 6379,
      connectTimeoutMs: 500,
      poolMax: 3,
      idleMs: 120_000,
      parameters: {},
    });
  });

  test.for([
    ["postgres://u:p@w:d#1@h/db", "p@w:d#1"],
    ["postgres://u:100%@h/db", "100%"],
    ["redis://:only@h/2", "only"],
    ["postgres://h/db?user=u&password=p%20w", "p w"],
    ["postgres://u:@h", undefined],
  ] as const)("its password is taken as it is written: %s", ([url, password]) => {
    expect(read(url).password).toBe(password);
  });

  test("knows several hosts, addresses of IPv6, and sockets", () => {
    expect(read("mongodb://a:1,b/db").hosts).toEqual([
      { host: "a", port: 1 },
      { host: "b", port: 27_017 },
    ]);
    expect(read("postgres://[::1]:9/db")).toMatchObject({ host: "::1", port: 9 });
    expect(read("postgres://%2Frun%2Fpg/db").host).toBe("/run/pg");
    expect(read("postgres:///db?host=/run/pg&port=9")).toMatchObject({ host: "/run/pg", port: 9, database: "db" });
  });

  test.for([
    ["postgres://u:s3cret/x@h/db", "%2F"],
    ["postgres://u:s3cret?x@h/db", "%3F"],
    ["postgres://s3cret:s3cret/db", "host:5432"],
    ["postgres:s3cret@h/db", "//"],
    ["user:s3cret@h/db", "nothing connects to user:"],
    ["u_x:s3cret@h/db", "a connection is a URL"],
    ["postgres://u:s3cret@h:99999/db", "65535"],
    ["postgres://u:s3cret@h/db?tls=perhaps", 'off, prefer, require or verify, not "perhaps"'],
    ["postgres://u:s3cret@h/db?connect_timeout=soon", "10s or 500ms"],
    ["postgres://u:s3cret@h/db?pool_max=0", "from 1 on"],
    ["redis://u:s3cret@h?tls=prefer", "tls=off, require or verify"],
    ["postgres://u:s3cret@h/db?tls_ca=none.pem", "/nb/none.pem, but there is no such file"],
    ["postgres://u:s3cret@h/db?tls_cert=/dev/null", "tls_key is missing"],
  ] as const)("that is wrong is told without its password: %s", ([url, message]) => {
    const failure = (): unknown => {
      try {
        return read(url);
      } catch (error) {
        return error;
      }
    };
    const told = String(failure());
    expect(told).toContain(message);
    expect(told).not.toContain("s3cret");
  });

  test("shows its password nowhere", () => {
    const of = target("postgres://u:s3cret@h/db?password=s3cret");
    expect(inspect([of, readOptions(of)], { depth: 9 }) + JSON.stringify([of, readOptions(of)])).not.toContain(
      "s3cret",
    );
    expect(of.where).toBe("postgres://u@h/db");
  });
});

describe("TLS", () => {
  test.for([
    ["postgres://h", "prefer"],
    ["postgres://127.0.0.1", undefined],
    ["postgres:///db?host=/run", undefined],
    ["mysql://h?tls=off", undefined],
    ["mysql://h?ssl-mode=REQUIRED", "require"],
    ["postgres://localhost?tls=require", "require"],
    ["postgres://h?sslmode=verify-full", "verify"],
    ["postgres://h?sslmode=disable", undefined],
    ["redis://h", undefined],
    ["rediss://h", "verify"],
    ["redis://h?tls=require", "require"],
    ["mongodb+srv://h/db", "verify"],
    ["mongodb://h/db?tls=true", "verify"],
    ["mongodb://h/db?tls=true&tlsAllowInvalidCertificates=true", "require"],
    ["postgres://h?tls_server_name=db", "verify"],
  ] as const)("%s is %s", ([url, mode]) => {
    expect(read(url).tls?.mode).toBe(mode);
  });

  test("certificates are read from their files, beside the notebook", () => {
    const folder = mkdtempSync(join(tmpdir(), "typhoon-tls-"));
    for (const name of ["ca", "cert", "key"]) writeFileSync(join(folder, `${name}.pem`), `the ${name}`);
    const of = parseTarget("x", "postgres://h/db?tls=require&tls_ca=ca.pem&tls_cert=cert.pem&tls_key=key.pem", folder);
    const { tls } = readOptions(of);
    expect({ ...tls, key: tls?.key }).toEqual({
      mode: "verify",
      ca: "the ca",
      cert: "the cert",
      key: "the key",
      servername: undefined,
    });
    expect(inspect(tls)).not.toContain("the key");
  });
});

test("a file's path begins at the notebook's folder", () => {
  const of = (url: string): string | undefined => read(url).database;
  expect(of("sqlite:data/x.db")).toBe("/nb/data/x.db");
  expect(of("sqlite:///abs/x.db?mode=ro")).toBe("/abs/x.db");
  expect(of("file:///abs/x%20y.db")).toBe("/abs/x y.db");
  expect(of("sqlite::memory:")).toBe(":memory:");
  expect(of("duckdb:")).toBe(":memory:");
  expect(read("sqlite:x.db?mode=ro").parameters).toEqual({ mode: "ro" });
});

test("a driver that reads URLs gets one of its own parameters only", () => {
  const url = "mongodb://ann:p%40w@h1:1,h2/db?replicaSet=r&tls=verify&pool_max=2&connect_timeout=3";
  expect(driverUrl(target(url))).toBe("mongodb://ann:p%40w@h1:1,h2:27017/db?replicaSet=r");
  expect(driverUrl(target("mongodb+srv://ann:p@h.x/db?tls=true"))).toBe("mongodb+srv://ann:p@h.x/db");
});
