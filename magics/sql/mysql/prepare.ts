import { type ServerColumn, isEnum, originOf, readColumn } from "./column.ts";
import { type EnumValues, execute } from "./execution.ts";
import { closeMessage, prepareMessage, queryMessage } from "./messages.ts";
import { quote } from "./syntax.ts";
import { type ServerError, type WireConnection, exchange, hasExtension, isEnd, post } from "./wire.ts";

/** A statement that the server has prepared. */
export interface Prepared {
  readonly id: number;
  readonly parameters: number;
  readonly columns: readonly ServerColumn[];
}

/** Most statements that are kept prepared. */
const mostKept = 32;

/** The prepared statements of one connection, the one that was used last at the end. */
export class PreparedStatements {
  private readonly connection: WireConnection;
  private readonly kept = new Map<string, Prepared>();

  constructor(connection: WireConnection) {
    this.connection = connection;
  }

  /** Prepares a statement, or finds it; undefined where the server cannot prepare such. */
  async prepare(sql: string): Promise<Prepared | undefined> {
    const found = this.kept.get(sql);
    this.kept.delete(sql);
    const prepared = found ?? (await prepare(this.connection, sql));
    if (!prepared) return undefined;
    this.kept.set(sql, prepared);
    if (this.kept.size > mostKept) this.forget(this.kept.keys().next().value!);
    return prepared;
  }

  /** Forgets a statement whose result has other columns than when it was prepared: a table was altered since. */
  compare(sql: string, columns: readonly ServerColumn[]): void {
    const kept = this.kept.get(sql);
    if (kept && !isSame(kept.columns, columns)) this.forget(sql);
  }

  /** Forgets all: what they say may be of other tables by now. */
  clear(): void {
    for (const sql of this.kept.keys()) this.forget(sql);
  }

  private forget(sql: string): void {
    const { id } = this.kept.get(sql)!;
    this.kept.delete(sql);
    post(this.connection, closeMessage(id));
  }
}

function isSame(before: readonly ServerColumn[], now: readonly ServerColumn[]): boolean {
  const isColumn = (column: ServerColumn, i: number): boolean =>
    originOf(column) === originOf(now[i]!) && isEnum(column) === isEnum(now[i]!);
  return before.length === now.length && before.every(isColumn);
}

/** "This command is not supported in the prepared statement protocol yet." */
const notPreparable = 1295;

async function prepare(connection: WireConnection, sql: string): Promise<Prepared | undefined> {
  let head: { id: number; parameters: number; columns: number } | undefined;
  const columns: ServerColumn[] = [];
  let definitions = 0;
  const isComplete = (): boolean => definitions === (head!.parameters > 0 ? 1 : 0) + (head!.columns > 0 ? 1 : 0);
  try {
    await exchange(connection, prepareMessage(sql), (packet) => {
      const { buffer, offset } = packet;
      if (!head) {
        head = {
          id: buffer.readUInt32LE(offset + 1),
          columns: buffer.readUInt16LE(offset + 5),
          parameters: buffer.readUInt16LE(offset + 7),
        };
        return isComplete();
      }
      if (isEnd(packet)) {
        definitions++;
        return isComplete();
      }
      const isParameter = head.parameters > 0 && definitions === 0;
      if (!isParameter) columns.push(readColumn(packet, hasExtension(connection)));
      return false;
    });
  } catch (error) {
    if ((error as ServerError).errno === notPreparable) return undefined;
    throw error;
  }
  return { id: head!.id, parameters: head!.parameters, columns };
}

/** Asks for the values of the enums among a result's columns, table by table; nothing is asked where there are none. */
export async function readEnums(connection: WireConnection, columns: readonly ServerColumn[]): Promise<EnumValues> {
  const found = new Map<string, readonly string[]>();
  const tables = Map.groupBy(columns.filter(isEnum), ({ schema, table }) =>
    schema === "" ? quote(table) : `${quote(schema)}.${quote(table)}`,
  );
  for (const [table, wanted] of tables) {
    const types = await readTypes(connection, table);
    for (const column of wanted) {
      const values = enumValues(types.get(column.origin.toLowerCase()) ?? "");
      if (values) found.set(originOf(column), values);
    }
  }
  return found;
}

/** The types of a table's columns, as they are declared. */
async function readTypes(connection: WireConnection, table: string): Promise<ReadonlyMap<string, string>> {
  const asked = execute(connection, queryMessage(`show columns from ${table}`), "text", new Map());
  const types = new Map<string, string>();
  try {
    for (let batch = await asked.next(); batch; batch = await asked.next()) {
      const [names, declared] = batch.columns.map(({ offsets, values }) => {
        const ends = new Int32Array(offsets!.buffer as ArrayBuffer);
        const bytes = Buffer.from(values!.buffer as ArrayBuffer);
        return (row: number): string => bytes.toString("utf8", ends[row], ends[row + 1]);
      });
      for (let row = 0; row < batch.length; row++) types.set(names!(row).toLowerCase(), declared!(row));
    }
  } catch (error) {
    // Who may read a table may not always look at it: its enums are texts then.
    if ((error as ServerError).errno === undefined) throw error;
  }
  return types;
}

/** Reads `enum('a','b')`; a value that was wrong when it was written is the empty text, which is no value of it. */
function enumValues(type: string): readonly string[] | undefined {
  const [, list] = /^enum\((.*)\)$/s.exec(type) ?? [];
  if (list === undefined) return undefined;
  const values = Array.from(list.matchAll(/'((?:[^']|'')*)'/g), ([, value]) => unescapeValue(value!));
  return values.includes("") ? values : [...values, ""];
}

/** The server writes these so in a declaration. */
const escapes: Readonly<Record<string, string>> = { "''": "'", "\\\\": "\\", "\\0": "\0", "\\n": "\n", "\\r": "\r" };

function unescapeValue(text: string): string {
  return text.replaceAll(/''|\\[\\0nr]/g, (pair) => escapes[pair]!);
}
