/** Words of DuckDB's SQL that a query is written with. */
const keywords: readonly string[] =
  "all alter and anti any as asc asof attach begin between by call case cast columns commit copy create cross cube current_date current_timestamp delete desc describe detach distinct drop else end except exclude exists explain export extract false filter first following for from full group groups having if ilike import in inner insert install intersect interval into is join last lateral left like limit load not null nulls offset on or order outer over partition pivot positional pragma preceding primary key qualify range recursive replace returning right rollback rollup rows row sample select semi set show similar summarize table tablesample temporary temp then to true truncate try_cast unbounded union unique unpivot update use using values view when where window with within".split(
    " ",
  );

const common =
  "all alter and as asc begin between by case cast check commit constraint create cross current_date current_timestamp default delete desc distinct drop else end except exists explain foreign from group having if in index inner insert intersect into is join key left like limit not null offset on or order outer over partition primary recursive references rename rollback row rows savepoint select set table temporary then to transaction truncate union unique update using values view when where window with".split(
    " ",
  );

/** What each system adds. */
const more: Readonly<Record<string, string>> = {
  postgres:
    "analyze any array cascade collate concurrently conflict copy do excluded fetch filter for full generated grant ilike interval lateral listen materialized merge natural nothing notify nulls first last only returning revoke right schema similar some tablesample vacuum within",
  mysql:
    "analyze auto_increment change charset column database databases describe duplicate engine for force full_text interval kill lock natural regexp replace right rlike show straight_join tables unlock use xor",
  sqlite:
    "attach autoincrement collate conflict database detach do filter full glob indexed nothing nulls first last pragma reindex replace returning right strict vacuum virtual without",
};

/** Words that a query of a kind of database is written with. */
export function keywordsOf(kind: string): readonly string[] {
  const own = more[kind];
  return own === undefined ? keywords : [...common, ...own.split(" ")].toSorted();
}

/** The functions that are offered before a database is open to say which it has. */
export const functions: readonly string[] =
  "abs any_value arg_max arg_min array_agg avg ceil coalesce concat corr count count_if date_add date_diff date_part date_trunc dense_rank epoch epoch_ms extract first first_value floor format generate_series glob greatest hash histogram if ifnull json_extract json_extract_string lag last last_value lead least left len length list list_aggregate list_contains list_filter list_transform list_value ln log lower lpad ltrim make_date make_timestamp max md5 median min mode now ntile nullif percent_rank pow quantile quantile_cont random range rank read_csv read_json read_parquet regexp_extract regexp_matches regexp_replace replace reverse right round row_number rpad rtrim sign split_part sqrt starts_with stddev strftime string_agg string_split strptime struct_pack substr substring sum to_json today trim typeof unnest upper uuid var_samp year".split(
    " ",
  );
