/** SQL: whether a row with `valid_from` and `valid_to` holds on the day. Periods are half-open. */
export function holdsOn(row: string, day: string): string {
  return `${row}.valid_from <= ${day} AND ${day} < ${row}.valid_to`;
}
