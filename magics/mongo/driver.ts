/** The driver, which takes its time to load and so is loaded at the first use. */
export type Driver = typeof import("mongodb");

/** Loads the driver. */
export function loadDriver(): Promise<Driver> {
  return import("mongodb");
}
