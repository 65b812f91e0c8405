import { type Model, createModel } from "./model.ts";
import { partsOf, toWireName, toWireState } from "./names.ts";
import { referenceTo } from "./wire.ts";

const layoutNames =
  "alignContent alignItems alignSelf borderBottom borderLeft borderRight borderTop bottom display flex flexFlow gridArea gridAutoColumns gridAutoFlow gridAutoRows gridColumn gridGap gridRow gridTemplateAreas gridTemplateColumns gridTemplateRows height justifyContent justifyItems left margin maxHeight maxWidth minHeight minWidth objectFit objectPosition order overflow padding right top visibility width" as const;

type Words<Text extends string> = Text extends `${infer First} ${infer Rest}` ? First | Words<Rest> : Text;

/** CSS of a widget's outermost box: `{ width: "50%", margin: "0 0 0 2em" }`. */
export type Layout = { [name in Words<typeof layoutNames>]?: string | null };

/** What the parts of a control look like: which of these there are depends on the control. */
export interface Style {
  /** Width of the description before the control: `"initial"` for as wide as it is. */
  descriptionWidth?: string;
  handleColor?: string | null;
  buttonColor?: string | null;
  background?: string | null;
  textColor?: string | null;
  fontSize?: string | null;
  fontFamily?: string | null;
  fontStyle?: string | null;
  fontVariant?: string | null;
  fontWeight?: string | null;
  textDecoration?: string | null;
}

const styles: Readonly<Record<StyleModel, readonly (keyof Style)[]>> = {
  ButtonStyleModel: [
    "buttonColor",
    "fontFamily",
    "fontSize",
    "fontStyle",
    "fontVariant",
    "fontWeight",
    "textColor",
    "textDecoration",
  ],
  CheckboxStyleModel: ["background", "descriptionWidth"],
  DescriptionStyleModel: ["descriptionWidth"],
  SliderStyleModel: ["descriptionWidth", "handleColor"],
  TextStyleModel: ["background", "descriptionWidth", "fontSize", "textColor"],
};

/** Name of a model that a control's style can be. */
export type StyleModel =
  | "ButtonStyleModel"
  | "CheckboxStyleModel"
  | "DescriptionStyleModel"
  | "SliderStyleModel"
  | "TextStyleModel";

/** A model that a widget has beside its own, as other than its own state. */
export interface Companion<T> {
  readonly model: Model;
  /** What the widget's state says of it. */
  readonly reference: string;
  /** Its parts; setting one shows at once. */
  readonly parts: T;
}

const base = { module: "@jupyter-widgets/base", version: "2.0.0" };

/** Creates the layout of a widget. */
export function createLayout(given: Readonly<Layout> = {}): Companion<Layout> {
  return createCompanion("LayoutModel", "LayoutView", base.module, layoutNames.split(" "), given);
}

/** Creates the style of a control. */
export function createStyle(name: StyleModel, given: Readonly<Style> = {}): Companion<Style> {
  return createCompanion(name, "StyleView", "@jupyter-widgets/controls", styles[name], given);
}

function createCompanion<T extends object>(
  modelName: string,
  viewName: string,
  module: string,
  names: readonly string[],
  given: Readonly<T>,
): Companion<T> {
  const defaults = names.map((name) => [toWireName(name), name === "descriptionWidth" ? "" : null]);
  const model = createModel({
    _model_module: module,
    _model_module_version: base.version,
    _model_name: modelName,
    _view_count: null,
    _view_module: base.module,
    _view_module_version: base.version,
    _view_name: viewName,
    ...Object.fromEntries(defaults),
    ...toWireState({ ...given }, names, modelName === "LayoutModel" ? "a layout" : "this control's style"),
  });
  return { model, reference: referenceTo(model.id), parts: partsOf(model, names) as T };
}
