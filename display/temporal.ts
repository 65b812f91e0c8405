/** Parts of a second by Arrow's TimeUnit: SECOND, MILLISECOND, MICROSECOND, NANOSECOND. */
const perSecond = [1n, 1_000n, 1_000_000n, 1_000_000_000n] as const;

function unitsPerSecond(unit: number): bigint {
  return perSecond[unit] ?? 1n;
}

function floorDivide(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return a % b < 0n ? quotient - 1n : quotient;
}

function two(value: number | bigint): string {
  return String(value).padStart(2, "0");
}

/** Writes a fraction of a second in 3, 6 or 9 digits, or nothing for zero. */
function formatFraction(part: bigint, perUnit: bigint): string {
  if (part === 0n) return "";
  const nanoseconds = String((part * 1_000_000_000n) / perUnit).padStart(9, "0");
  return `.${nanoseconds.replace(/(?:000){1,2}$/, "")}`;
}

function formatClock(seconds: bigint): string {
  return `${two(seconds / 3600n)}:${two((seconds / 60n) % 60n)}:${two(seconds % 60n)}`;
}

/** DuckDB's infinity: the largest integer of the type and its negative, for dates and for timestamps of every unit. */
const endlessDays = 2 ** 31 - 1;
const endlessTime = 2n ** 63n - 1n;

/**
 * Writes days since 1970 as `YYYY-MM-DD` in the proleptic Gregorian calendar, for any year.
 * `Date` ends at the year 275760; Arrow's 64-bit seconds do not.
 */
export function formatDays(days: number): string {
  if (Math.abs(days) === endlessDays) return days < 0 ? "-infinity" : "infinity";
  // Count from 1 March of year 0, so that the leap day ends the year; an era is 400 years.
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1;
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  const digits = String(Math.abs(year)).padStart(4, "0");
  return `${year < 0 ? "-" : ""}${digits}-${two(month)}-${two(day)}`;
}

const zones = new Map<string, Intl.DateTimeFormat | undefined>();

function zoneFormat(zone: string): Intl.DateTimeFormat | undefined {
  if (!zones.has(zone)) {
    let format: Intl.DateTimeFormat | undefined;
    try {
      format = new Intl.DateTimeFormat("en-US", { timeZone: zone, timeZoneName: "longOffset" });
    } catch {
      // An unknown zone: the instant is shown in UTC.
    }
    zones.set(zone, format);
  }
  return zones.get(zone);
}

/** Returns the offset of a zone from UTC at an instant as `+HH:MM[:SS]`, or `Z`. */
function zoneOffset(seconds: bigint, zone: string): string {
  const ms = Number(seconds) * 1000;
  if (Math.abs(ms) > 8.64e15) return "Z";
  const parts = zoneFormat(zone)?.formatToParts(ms) ?? [];
  const name = parts.find(({ type }) => type === "timeZoneName")?.value ?? "GMT";
  return name === "GMT" || name === "GMT+00:00" ? "Z" : name.replace("GMT", "");
}

function offsetSeconds(offset: string): bigint {
  if (offset === "Z") return 0n;
  const [hours = "0", minutes = "0", seconds = "0"] = offset.slice(1).split(":");
  const total = BigInt(hours) * 3600n + BigInt(minutes) * 60n + BigInt(seconds);
  return offset.startsWith("-") ? -total : total;
}

/** Writes a timestamp exactly: wall clock of its zone with the offset, or without both for a zoneless one. */
export function formatTimestamp(value: bigint, unit: number, zone?: string | null): string {
  if (value === endlessTime || value === -endlessTime) return value < 0n ? "-infinity" : "infinity";
  const perUnit = unitsPerSecond(unit);
  const seconds = floorDivide(value, perUnit);
  const fraction = formatFraction(value - seconds * perUnit, perUnit);
  const offset = zone ? zoneOffset(seconds, zone) : "";
  const local = seconds + offsetSeconds(offset || "Z");
  const days = floorDivide(local, 86_400n);
  const clock = formatClock(local - days * 86_400n);
  return `${formatDays(Number(days))} ${clock}${fraction}${offset}`;
}

/** Writes a time of day: `HH:MM:SS[.fraction]`. */
export function formatTime(value: bigint, unit: number): string {
  const sign = value < 0n ? "-" : "";
  const size = value < 0n ? -value : value;
  const perUnit = unitsPerSecond(unit);
  return `${sign}${formatClock(size / perUnit)}${formatFraction(size % perUnit, perUnit)}`;
}

/** Writes a length of time: `[-][N days ]HH:MM:SS[.fraction]`. */
export function formatDuration(value: bigint, unit: number): string {
  const size = value < 0n ? -value : value;
  const day = 86_400n * unitsPerSecond(unit);
  const days = size / day;
  const text = formatTime(size % day, unit);
  return `${value < 0n ? "-" : ""}${days === 0n ? "" : `${plural(days, "day")} `}${text}`;
}

/** Writes a calendar interval, each part with its own sign: `1 year 2 months 3 days 04:05:06`. */
export function formatInterval(months: number, days: number, nanoseconds: bigint): string {
  const parts = [
    [Math.trunc(months / 12), "year"],
    [months % 12, "month"],
    [days, "day"],
  ] as const;
  const words = parts.filter(([count]) => count !== 0).map(([count, noun]) => plural(count, noun));
  if (nanoseconds !== 0n || words.length === 0) words.push(formatTime(nanoseconds, 3));
  return words.join(" ");
}

function plural(count: number | bigint, noun: string): string {
  return `${count} ${noun}${Math.abs(Number(count)) === 1 ? "" : "s"}`;
}
