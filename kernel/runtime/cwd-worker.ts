import process from "node:process";

// Loaded before a worker's own module. Node asks for the working folder while it starts a worker, and the worker dies where
// that folder has been removed; without the inspector thread nothing could end a cell that spins.

const cwd: () => string = process.cwd;
process.cwd = () => {
  try {
    return cwd();
  } catch {
    return "/";
  }
};
