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
export { type Input, type InputOptions, input } from "../display/input.ts";
export { onShutdown } from "../display/shutdown.ts";
export { type Progress, type ProgressBar, type ProgressOptions, progress } from "../display/progress.ts";
export { type BoxOptions, type Box, hbox, vbox } from "../display/widgets/box.ts";
export { type Button, type ButtonOptions, button } from "../display/widgets/button.ts";
export type { Control, ControlOptions, WidgetBase } from "../display/widgets/control.ts";
export {
  type Checkbox,
  type CheckboxOptions,
  type TextField,
  type TextOptions,
  checkbox,
  text,
} from "../display/widgets/inputs.ts";
export { type InteractOptions, type Interaction, interact } from "../display/widgets/interact.ts";
export type { Layout, Style } from "../display/widgets/layout.ts";
export { type Choices, type Select, type SelectOptions, select } from "../display/widgets/select.ts";
export { type RangeSlider, type Slider, type SliderOptions, slider } from "../display/widgets/slider.ts";
export { type Widget, type WidgetOptions, widget } from "../display/widgets/widget.ts";
export {
  type Begun,
  type CaptureOptions,
  type MagicOptions,
  type MongoBody,
  type MongoMagicOptions,
  capture,
  magic,
  time,
  timeit,
} from "../magics/calls.ts";
export type { CapturedOutput } from "../magics/capture.ts";
export type { Captured } from "../magics/magic.ts";
export { mongo } from "../magics/mongo/api.ts";
export type { MongoDatabase } from "../magics/mongo/handle.ts";
export { type Decorated, decorate, initialize } from "../magics/decorate.ts";
export { type RedisExtras, type RedisHandle, redis } from "../magics/redis/handle.ts";
export { type ShellPromise, type ShellResult, sh } from "../magics/sh.ts";
export { isAvailable } from "../magics/connections/unavailable.ts";
export { closeConnections } from "../magics/connections/close-all.ts";
export { type ConnectOptions, connect } from "../magics/connections/connect.ts";
export { type AttachOptions, attach, detach } from "../magics/sql/attach.ts";
export type { PlanNode } from "../magics/sql/dialect.ts";
export { type SqlHandle, sql } from "../magics/sql/handle.ts";
export type { PageOptions } from "../magics/sql/pages.ts";
export { type Plan, type PlanComparison, comparePlans } from "../magics/sql/plan.ts";
export { type ShardKey, type ShardOptions, type Shards, shard, shards } from "../magics/sql/shard.ts";
export type { Rows } from "../magics/sql/open-rows.ts";
export type { WriteMode, WriteOptions } from "../magics/sql/write.ts";
export type { Written } from "../magics/sql/written.ts";
export type { Query, Sql, SqlTag } from "../magics/sql/tag.ts";
export type { Isolation, Transaction, TransactionOptions } from "../magics/sql/transaction.ts";
export { toColumns } from "../magics/columnar/to-columns.ts";
export type { Timing } from "../magics/timeit.ts";
export { down, up } from "../magics/up/ask.ts";
export type { RunningServer } from "../magics/up/running.ts";
export type { UpOptions } from "../magics/up/start.ts";
