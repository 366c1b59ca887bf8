import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import iconv from 'iconv-lite';

const FILE = join(import.meta.dirname, '../../../seed/demo/meibo_r041001.csv');
const HEADER = '職員番号';

/** The demo city's newest roster as rows of cells: titles, header, people, notes. */
export interface Roster {
  readonly titles: string[][];
  readonly header: string[];
  readonly people: string[][];
}

export function cityRoster(): Roster {
  const rows: string[][] = parse(iconv.decode(readFileSync(FILE), 'CP932'), { relax_column_count: true });
  const at = rows.findIndex((row) => row[0] === HEADER);
  return {
    titles: rows.slice(0, at),
    header: rows[at]!,
    // Notes below the table have one filled cell.
    people: rows.slice(at + 1).filter((row) => row.filter(Boolean).length > 4),
  };
}

/** As Excel in a city hall saves it. `change` may alter, add or drop people. */
export function rosterFile(name: string, change: (roster: Roster) => string[][]) {
  const roster = cityRoster();
  const rows = [...roster.titles, roster.header, ...change(roster)];
  return {
    name,
    mimeType: 'text/csv',
    buffer: iconv.encode(stringify(rows, { record_delimiter: 'windows' }), 'CP932'),
  };
}

/** Those of the first `count` rows, each with all of their rows. */
export function firstPeople({ people }: Roster, count: number): string[][] {
  const kept = new Set(people.slice(0, count).map(numberOf));
  return people.filter((row) => kept.has(numberOf(row)));
}

function numberOf(row: string[]): string {
  return row[0]!.normalize('NFKC').trim();
}

/** Somebody new in a unit, invented. */
export function newcomer({ header }: Roster, cells: Record<string, string>): string[] {
  return header.map((column) => cells[column] ?? '');
}
