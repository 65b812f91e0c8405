// The package's public API: what cells get as globals or import from "typhoon-kernel", the same in a plain .ts file.
export {
  type Comm,
  type CommApi,
  type CommData,
  type CommHandler,
  type CommMessage,
  type CommOptions,
  type CommTargetHandler,
  type Comms,
  comm,
} from "../display/comm.ts";
export { type Display, type DisplayHandle, type DisplayOptions, display } from "../display/api.ts";
export { toMimeBundle } from "../display/bundle.ts";
export { type Figure, figure } from "../display/figure.ts";
export { displaySymbol, type Displayable, type MimeBundle, type MimeData } from "../display/mimebundle.ts";
export { plot } from "../display/plot.ts";
export { type Progress, type ProgressBar, type ProgressOptions, progress } from "../display/progress.ts";
export { type ShellPromise, type ShellResult, sh } from "../magics/sh.ts";
export { type Query, type Sql, sql } from "../magics/sql/tag.ts";
