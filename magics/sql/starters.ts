/** Words with which SQL begins: the first word of a line that is none of them is a connection. */
const starters = new Set(
  "select from with insert update delete merge replace create drop alter truncate copy describe desc summarize show explain analyze attach detach use set reset pivot unpivot values table install load call exec execute do pragma begin start commit end rollback savepoint release abort grant revoke comment vacuum checkpoint lock unlock kill listen notify unlisten declare fetch close prepare deallocate export import refresh reindex cluster optimize tables columns schema".split(
    " ",
  ),
);

/** Tells whether SQL can begin with a word. */
export function startsSql(word: string): boolean {
  return starters.has(word.toLowerCase());
}
