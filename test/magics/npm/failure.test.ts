import { expect, test } from "vitest";
import { explainFailure } from "../../../magics/npm/failure.ts";

// What npm 11 prints, and what the reader is told.
test.each([
  [
    "npm error code EACCES\nnpm error syscall mkdir\nnpm error path /book/node_modules\nnpm error errno -13\nnpm error Error: EACCES: permission denied, mkdir '/book/node_modules'",
    "%npm: no permission to write in /book; copy the notebook to a folder of yours, or have the folder's rights changed",
  ],
  [
    "npm error code ENOTFOUND\nnpm error syscall getaddrinfo\nnpm error errno ENOTFOUND\nnpm error network request to https://registry.example/zod failed, reason: getaddrinfo ENOTFOUND registry.example\nnpm error network This is a problem related to network connectivity.",
    "%npm: cannot reach https://registry.example: check the network, or the proxy (`%npm config get proxy`, the variable HTTPS_PROXY)\nrequest to https://registry.example/zod failed, reason: getaddrinfo ENOTFOUND registry.example",
  ],
  [
    'npm error code EINVALIDPACKAGENAME\nnpm error Invalid package name "A B" of package "A B@*": name can only contain URL-friendly characters.',
    '%npm: this is no name of a package: Invalid package name "A B" of package "A B@*": name can only contain URL-friendly characters.',
  ],
  [
    "npm error code ENOENT\nnpm error syscall spawn git\nnpm error path git\nnpm error errno -2\nnpm error enoent An unknown git error occurred",
    "%npm: npm needs the program git, which was not found; install it, or add it to PATH",
  ],
  ["npm error code ENOSPC\nnpm error nospc", "%npm: the disk of /book is full; free some space and run the cell again"],
  [
    'npm error code ERESOLVE\nnpm error ERESOLVE unable to resolve dependency tree\nnpm error\nnpm error While resolving: x@1.0.0\nnpm error Found: react@19.0.0\nnpm error Could not resolve dependency:\nnpm error peer react@"17" from old@1.0.0',
    '%npm: the packages ask for versions that do not go together; `%npm add zod --legacy-peer-deps` installs them all the same\nFound: react@19.0.0\nCould not resolve dependency:\npeer react@"17" from old@1.0.0',
  ],
])("%j", async (stderr, message) => {
  const { signal } = new AbortController();
  const error = await explainFailure({ words: ["add", "zod"], imports: [], stderr, folder: "/book", signal });
  expect(error?.message).toBe(message);
});

test("what npm alone can explain stays its own", async () => {
  const { signal } = new AbortController();
  const stderr = "npm error code ELIFECYCLE\nnpm error build failed";
  expect(await explainFailure({ words: [], imports: [], stderr, folder: "/book", signal })).toBeUndefined();
});
