const units: readonly [name: string, seconds: number][] = [
  ["s", 1],
  ["ms", 1e-3],
  ["µs", 1e-6],
  ["ns", 1e-9],
];

const milliseconds: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, min: 60_000, h: 3_600_000 };

/** Reads a time that a person wrote, as `500ms`, `30s`, `5min` or, in seconds, `2.5`; in ms, undefined where it is none. */
export function readDuration(text: string): number | undefined {
  const [, number, unit = "s"] = /^(\d+(?:\.\d+)?)\s*(ms|s|m|min|h)?$/.exec(text) ?? [];
  return number === undefined ? undefined : Math.ceil(Number(number) * milliseconds[unit]!);
}

/** Formats a time in seconds with three digits and its natural unit: `1.23 ms`, `2 min 5 s`. */
export function formatDuration(seconds: number): string {
  if (seconds >= 60) {
    const whole = Math.round(seconds);
    const minutes = Math.floor(whole / 60);
    const parts = [Math.floor(minutes / 60), minutes % 60, whole % 60];
    return ["h", "min", "s"].flatMap((name, i) => (parts[i] ? [`${parts[i]} ${name}`] : [])).join(" ");
  }
  const [name, size] = units.find(([, least]) => seconds >= least) ?? units.at(-1)!;
  return `${Number((seconds / size).toPrecision(3))} ${name}`;
}
