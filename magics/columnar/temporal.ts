import type { TimeUnit } from "./columnar.ts";

// Dates and times as SQL writes them: `2026-11-21`, `10:30:00.000001`, `2026-11-21 10:30:00.5`.

const perSecond: Readonly<Record<TimeUnit, bigint>> = {
  second: 1n,
  millisecond: 1_000n,
  microsecond: 1_000_000n,
  nanosecond: 1_000_000_000n,
};
const secondsPerDay = 86_400n;

/** Days since 1970-01-01 of a date of the Gregorian calendar, which is taken to hold for all time. */
export function daysOf(year: number, month: number, day: number): number {
  const moved = month <= 2 ? year - 1 : year;
  const era = Math.floor(moved / 400);
  const yearOfEra = moved - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/** Writes days since 1970-01-01. */
export function formatDate(days: number): string {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const month0 = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * month0 + 2) / 5) + 1;
  const month = month0 < 10 ? month0 + 3 : month0 - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  const digits = year < 0 || year > 9999 ? `${year < 0 ? "-" : "+"}${pad(Math.abs(year), 6)}` : pad(year, 4);
  return `${digits}-${pad(month, 2)}-${pad(day, 2)}`;
}

/** Writes a time; it may be negative, or longer than a day. */
export function formatTime(value: bigint, unit: TimeUnit): string {
  const scale = perSecond[unit];
  const size = value < 0n ? -value : value;
  const seconds = Number(size / scale);
  const clock = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60].map((part) => pad(part, 2));
  const digits = String(scale).length - 1;
  const fraction = digits === 0 ? "" : `.${pad(Number(size % scale), digits)}`;
  return `${value < 0n ? "-" : ""}${clock.join(":")}${fraction}`;
}

/** Writes a moment since 1970. */
export function formatTimestamp(value: bigint, unit: TimeUnit): string {
  const day = perSecond[unit] * secondsPerDay;
  const rest = ((value % day) + day) % day;
  return `${formatDate(Number((value - rest) / day))} ${formatTime(rest, unit)}`;
}

/** Reads `YYYY-MM-DD` as days since 1970-01-01; undefined where it is no date. */
export function parseDate(text: string): number | undefined {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text) ?? [];
  if (year === undefined) return undefined;
  const days = daysOf(Number(year), Number(month), Number(day));
  // A day that the calendar lacks is written in another way.
  return formatDate(days) === text ? days : undefined;
}

/** Reads `HH:MM[:SS[.ffffff]]` as microseconds; undefined where it is no time of day. */
export function parseTime(text: string): bigint | undefined {
  const [, hours, minutes, seconds = "0", fraction = ""] =
    /^([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.(\d{1,6}))?)?$/.exec(text) ?? [];
  if (hours === undefined) return undefined;
  const whole = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  return BigInt(whole) * 1_000_000n + BigInt(fraction.padEnd(6, "0"));
}

/** A moment as text says it: microseconds since 1970, by UTC where it has a zone. */
export interface Moment {
  readonly micros: bigint;
  readonly hasZone: boolean;
}

/** Reads a date, a space or `T`, a time, and a zone where there is one; undefined where it is none. */
export function parseTimestamp(text: string): Moment | undefined {
  const [, date, time, zone, sign, hours, minutes] =
    /^(\d{4}-\d\d-\d\d)[ T]([\d:.]+?)(Z|([+-])(\d\d):(\d\d))?$/.exec(text) ?? [];
  const days = date === undefined ? undefined : parseDate(date);
  const micros = time === undefined ? undefined : parseTime(time);
  if (days === undefined || micros === undefined) return undefined;
  const offset = sign === undefined ? 0 : (Number(hours) * 60 + Number(minutes)) * (sign === "-" ? -1 : 1);
  return {
    micros: BigInt(days) * secondsPerDay * 1_000_000n + micros - BigInt(offset) * 60_000_000n,
    hasZone: zone !== undefined,
  };
}

function pad(value: number, digits: number): string {
  return String(value).padStart(digits, "0");
}
