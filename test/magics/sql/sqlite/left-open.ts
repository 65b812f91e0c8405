import { dirname } from "node:path";
import { parseTarget } from "../../../../magics/connections/target.ts";
import { sqlite } from "../../../../magics/sql/sqlite/engine.ts";

// A program that is killed while its database is within a long step.
const { signal } = new AbortController();
const session = await sqlite.open(parseTarget("left", "sqlite::memory:", "/tmp")).connect(signal);
const { batches } = await session.start({ sql: "select file from pragma_database_list", values: [] }, signal);
const { value: batch } = await batches.next();
const folder = dirname(Buffer.from(batch!.columns[0]!.values!).toString());
await batches.next();
const endless = "with recursive r(i) as (select 1 union all select i + 1 from r) select count(*) from r";
session.start({ sql: endless, values: [] }, signal).catch(() => {});
process.send!(folder);
