/** Writes a query as part of another. A comment at its end must not take the parenthesis with it. */
export function asSubquery(sql: string): string {
  return `(${sql}\n)`;
}
