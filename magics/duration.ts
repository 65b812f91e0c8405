const units: readonly [name: string, seconds: number][] = [
  ["s", 1],
  ["ms", 1e-3],
  ["µs", 1e-6],
  ["ns", 1e-9],
];

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
