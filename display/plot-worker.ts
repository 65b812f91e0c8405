import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { parentPort } from "node:worker_threads";
import { Resvg } from "@resvg/resvg-js";
import { JSDOM } from "jsdom";
import { decodeFont, type Font } from "./font.ts";
import type { DrawReply, DrawRequest } from "./plot-image.ts";
import { installCanvas } from "./plot-canvas.ts";
import { describeError } from "./property.ts";
import { installLayout } from "./svg-layout.ts";

const require = createRequire(import.meta.url);

/** Open Sans is Plotly's own typeface; with it an image looks the same on a machine that has no fonts at all. */
const family = "Open Sans";
const regular = require.resolve("@expo-google-fonts/open-sans/400Regular/OpenSans_400Regular.ttf");
const fontFiles = [
  regular,
  require.resolve("@expo-google-fonts/open-sans/400Regular_Italic/OpenSans_400Regular_Italic.ttf"),
  require.resolve("@expo-google-fonts/open-sans/600SemiBold/OpenSans_600SemiBold.ttf"),
  require.resolve("@expo-google-fonts/open-sans/700Bold/OpenSans_700Bold.ttf"),
];

interface PlotlyWindow {
  readonly JSON: typeof JSON;
  readonly Plotly: {
    toImage(figure: unknown, options: Readonly<Record<string, unknown>>): Promise<string>;
  };
}

/** Opens a window without a screen and loads Plotly into it; takes most of a second, once. */
function openWindow(font: Font): PlotlyWindow {
  const { window } = new JSDOM("<!doctype html><body></body>", { runScripts: "outside-only", pretendToBeVisual: true });
  installLayout(window, font);
  installCanvas(window);
  window.URL.createObjectURL = () => "";
  window.eval(readFileSync(require.resolve("plotly.js-dist-min"), "utf8"));
  return window as unknown as PlotlyWindow;
}

const font = decodeFont(readFileSync(regular));
const { Plotly, JSON: windowJson } = openWindow(font);

async function draw({ figure, width, height, scale }: DrawRequest): Promise<Uint8Array> {
  const svg = await Plotly.toImage(windowJson.parse(figure), { format: "svg", width, height, imageDataOnly: true });
  // Resvg reads references without quotes only.
  const image = new Resvg(svg.replaceAll(/url\((?:'|&quot;)([^'&)]*)(?:'|&quot;)\)/g, "url($1)"), {
    // Cells of a heatmap are scaled up from one pixel each and must stay sharp.
    imageRendering: 1,
    fitTo: { mode: "zoom", value: scale },
    font: {
      fontFiles,
      defaultFontFamily: family,
      sansSerifFamily: family,
      // Looking through the machine's fonts takes time: only for characters that ours does not have.
      loadSystemFonts: Array.from(svg).some((character) => !font.has(character.codePointAt(0) ?? 0)),
    },
  });
  return image.render().asPng();
}

parentPort?.on("message", (request: DrawRequest) => {
  draw(request).then(
    (png) => reply({ id: request.id, png }),
    (error: unknown) => reply({ id: request.id, error: describeError(error) }),
  );
});

function reply(message: DrawReply): void {
  parentPort?.postMessage(message);
}
