import { expect, test } from "vitest";
import { type Place, dataDirs, prefixDataDir, sysPrefix, userDataDir } from "../../kernel/cli/jupyter-paths.ts";

const linux: Place = { env: {}, platform: "linux", home: "/home/ada" };
const mac: Place = { env: {}, platform: "darwin", home: "/Users/ada" };
const windows: Place = {
  env: { APPDATA: String.raw`C:\Users\ada\AppData\Roaming` },
  platform: "win32",
  home: String.raw`C:\Users\ada`,
};

test.for<[Place, string]>([
  [linux, "/home/ada/.local/share/jupyter"],
  [{ ...linux, env: { XDG_DATA_HOME: "/data" } }, "/data/jupyter"],
  [mac, "/Users/ada/Library/Jupyter"],
  [windows, String.raw`C:\Users\ada\AppData\Roaming\jupyter`],
  [{ ...windows, env: {} }, String.raw`C:\Users\ada\.jupyter\data`],
  [{ ...linux, env: { JUPYTER_DATA_DIR: "/mine", XDG_DATA_HOME: "/data" } }, "/mine"],
])("the person's Jupyter data of %o is in %s", ([place, dir]) => {
  expect(userDataDir(place)).toBe(dir);
});

test("a prefix keeps Jupyter's data below share/jupyter", () => {
  expect(prefixDataDir("/venv", linux)).toBe("/venv/share/jupyter");
  expect(prefixDataDir(String.raw`C:\venv`, windows)).toBe(String.raw`C:\venv\share\jupyter`);
});

test("an active environment is found without Python", () => {
  expect(sysPrefix({ VIRTUAL_ENV: "/venv", CONDA_PREFIX: "/conda", PATH: "" })).toBe("/venv");
  expect(sysPrefix({ CONDA_PREFIX: "/conda", PATH: "" })).toBe("/conda");
});

test("without Python and without an environment, the error says what to give", () => {
  expect(() => sysPrefix({ PATH: "" })).toThrow(/--prefix DIR/);
});

test("an active environment is searched before the person's folder, another Python's after it", () => {
  const own = userDataDir(linux);
  const shared = ["/usr/local/share/jupyter", "/usr/share/jupyter"];
  expect(dataDirs({ ...linux, env: { VIRTUAL_ENV: "/v" } }, "/v")).toEqual(["/v/share/jupyter", own, ...shared]);
  expect(dataDirs(linux, "/opt/py")).toEqual([own, "/opt/py/share/jupyter", ...shared]);
  const env = { VIRTUAL_ENV: "/v", JUPYTER_PREFER_ENV_PATH: "0", JUPYTER_PATH: "/extra" };
  expect(dataDirs({ ...linux, env }, "/v")).toEqual(["/extra", own, "/v/share/jupyter", ...shared]);
});
