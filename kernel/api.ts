// The package's public API: what cells get as globals or import from "typhoon-kernel", the same in a plain .ts file.
export { display } from "../display/api.ts";
export { toMimeBundle } from "../display/bundle.ts";
export { displaySymbol, type Displayable, type MimeBundle, type MimeData } from "../display/mimebundle.ts";
export { figure, plot } from "../display/plot.ts";
export { progress } from "../display/progress.ts";
export { sh } from "../magics/sh.ts";
