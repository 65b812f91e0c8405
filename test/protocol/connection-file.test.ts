import { expect, test } from "vitest";
import { endpoint, parseConnectionFile, withAddress } from "../../kernel/protocol/connection-file.ts";

const usual = {
  shell_port: 1,
  iopub_port: 2,
  stdin_port: 3,
  control_port: 4,
  hb_port: 5,
  transport: "tcp",
  ip: "127.0.0.1",
  key: "secret",
  signature_scheme: "hmac-sha256",
};
const parse = (fields: object): ReturnType<typeof parseConnectionFile> =>
  parseConnectionFile("/run/kernel.json", JSON.stringify({ ...usual, ...fields }));

test("a usual connection file", () => {
  expect(parse({})).toEqual({
    transport: "tcp",
    ip: "127.0.0.1",
    key: "secret",
    hash: "sha256",
    ports: { shell: 1, iopub: 2, stdin: 3, control: 4, hb: 5 },
    curve: undefined,
  });
});

test.for([
  [{}, "tcp://127.0.0.1:1"],
  [{ ip: "::1" }, "tcp://[::1]:1"],
  [{ ip: "*" }, "tcp://*:1"],
  [{ transport: "ipc", ip: "/tmp/kernel-7" }, "ipc:///tmp/kernel-7-1"],
] as const)("with %j the shell is at %s", ([fields, address]) => {
  expect(endpoint(parse(fields), "shell")).toBe(address);
});

test("a host's name becomes an address, since ZeroMQ binds to nothing else; an interface stays", async () => {
  expect((await withAddress(parse({ ip: "localhost" }))).ip).toMatch(/^(127\.0\.0\.1|::1)$/);
  expect((await withAddress(parse({ transport: "ipc", ip: "localhost" }))).ip).toBe("localhost");
});

test("other HMACs that Node has are taken, and any scheme where nothing is signed", () => {
  expect(parse({ signature_scheme: "hmac-sha512" }).hash).toBe("sha512");
  expect(parse({ key: "", signature_scheme: "" }).key).toBe("");
});

const curveKey = "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7";

test("the keys of Curve", () => {
  expect(parse({ curve_publickey: curveKey, curve_secretkey: curveKey }).curve).toEqual({
    publicKey: curveKey,
    secretKey: curveKey,
  });
});

test.for([
  [{ transport: "pigeon" }, `connection file /run/kernel.json: "transport" must be "tcp" or "ipc", not "pigeon"`],
  [{ ip: "" }, `"ip" must be text, not ""`],
  [{ key: 5 }, `"key" must be text, not 5`],
  [{ hb_port: "5" }, `"hb_port" must be a whole number from 1 to 65535, not "5"`],
  [{ shell_port: 0 }, `"shell_port" must be a whole number from 1 to 65535, not 0`],
  [{ stdin_port: 70_000 }, `"stdin_port" must be a whole number from 1 to 65535, not 70000`],
  [{ iopub_port: -1 }, `"iopub_port" must be a whole number from 1 to 65535, not -1`],
  [{ transport: "ipc", hb_port: 1.5 }, `"hb_port" must be a whole number, not 1.5`],
  [{ signature_scheme: "hmac-moon" }, `"signature_scheme" must be "hmac-sha256", or "hmac-" and another hash`],
  [{ signature_scheme: "plain" }, `"signature_scheme" must be "hmac-sha256", or "hmac-" and another hash`],
  [{ curve_publickey: curveKey }, `"curve_secretkey" must be 40 characters of Z85, as Curve needs both keys`],
  [{ curve_publickey: "short", curve_secretkey: curveKey }, `"curve_publickey" must be 40 characters of Z85`],
] as const)("%j is refused in words", ([fields, message]) => {
  expect(() => parse(fields)).toThrow(message);
});

test("a wrong Curve key is not shown: it may be the secret", () => {
  expect(() => parse({ curve_publickey: curveKey, curve_secretkey: "half a secret" })).not.toThrow(/half a secret/);
});

test.for(["{", "5", "null"])("%s is no connection file", (text) => {
  expect(() => parseConnectionFile("/run/kernel.json", text)).toThrow(/connection file \/run\/kernel.json is no JSON/);
});
