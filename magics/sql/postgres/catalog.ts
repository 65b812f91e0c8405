import { type TypeCatalog, type TypeEntry, type TypeMember, needsLookup } from "./types.ts";

/** Runs a query of ours and returns the texts of its first column. */
export type AskTexts = (sql: string, text: string) => Promise<string[]>;

/** The types of one database that were looked up; all sessions share them. */
export interface LookedUp extends TypeCatalog {
  /** Looks up those types that are not known, and what they are made of. */
  learn(types: readonly number[], ask: AskTexts, serverVersion: number): Promise<void>;
}

const money = 790;

/** Makes an empty catalog. */
export function createCatalog(): LookedUp {
  const entries = new Map<number, TypeEntry>();
  const catalog: LookedUp = {
    get: (type) => entries.get(type),
    forget: (type) => void entries.delete(type),
    async learn(types, ask, serverVersion) {
      const unknown = types.filter((type) => needsLookup(type, catalog));
      if (unknown.length === 0) return;
      for (const row of await ask(lookup(serverVersion), `{${unknown.join(",")}}`)) {
        const found = JSON.parse(row) as Found;
        entries.set(found.oid, toEntry(found));
      }
      // One that was dropped meanwhile.
      for (const type of unknown) if (!entries.has(type)) entries.set(type, { kind: "text" });
    },
  };
  return catalog;
}

interface Found {
  readonly oid: number;
  readonly kind: string;
  readonly item: number;
  readonly base: number;
  readonly modifier: number;
  readonly labels: readonly string[] | null;
  readonly subtype: number | null;
  readonly range: number | null;
  readonly members: readonly TypeMember[] | null;
  readonly scale: number | null;
}

function toEntry({ oid, kind, item, base, modifier, labels, subtype, range, members, scale }: Found): TypeEntry {
  if (oid === money) return { kind: "money", scale: scale ?? 2 };
  if (kind === "e") return { kind: "enum", labels: labels ?? [] };
  if (kind === "d") return { kind: "domain", base, modifier };
  if (kind === "r" && subtype !== null) return { kind: "range", item: subtype };
  if (kind === "m" && range !== null) return { kind: "multirange", item: range };
  if (kind === "c") return { kind: "composite", members: members ?? [] };
  return item === 0 ? { kind: "text" } : { kind: "array", item };
}

const multirangesSince = 14;

/** A JSON text per type, for the types in $1 and all that they are made of. */
function lookup(serverVersion: number): string {
  const range =
    serverVersion < multirangesSince ? "null::oid" : "(select rngtypid from pg_range where rngmultitypid = t.oid)";
  return `with recursive t(oid, typtype, typelem, typbasetype, typtypmod, typrelid, subtype, range) as (
  select w.* from unnest($1::oid[]) u(oid), lateral (${entry(range, "u.oid")}) w
  union
  select w.* from t, lateral (
    select t.typelem where t.typelem <> 0
    union all select t.typbasetype where t.typbasetype <> 0
    union all select t.subtype where t.subtype is not null
    union all select t.range where t.range is not null
    union all select a.atttypid from pg_attribute a where a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped
  ) d(oid), lateral (${entry(range, "d.oid")}) w
)
select json_build_object('oid', oid::int8, 'kind', typtype, 'item', typelem::int8, 'base', typbasetype::int8,
  'modifier', typtypmod, 'subtype', subtype::int8, 'range', range::int8,
  'labels', (select json_agg(enumlabel order by enumsortorder) from pg_enum e where e.enumtypid = t.oid),
  'members', (select json_agg(json_build_object('name', attname, 'type', atttypid::int8, 'modifier', atttypmod) order by attnum)
    from pg_attribute a where a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped),
  'scale', case when oid = ${money} then scale(0::money::numeric) end)::text
from t`;
}

/** One type; the first item of a fixed-size type, as of point, is no array's. */
function entry(range: string, oid: string): string {
  return `select t.oid, t.typtype, case when t.typlen = -1 then t.typelem else 0::oid end, t.typbasetype, t.typtypmod, t.typrelid,
    (select rngsubtype from pg_range where rngtypid = t.oid), ${range} from pg_type t where t.oid = ${oid}`;
}
