import { afterAll, afterEach, beforeAll, beforeEach, expect } from '@jest/globals';
import type { ImportReport } from '../../src/platform/imports/import-report.js';
import { CityFiles, csv, type RosterOptions } from './city-files.js';

export const UNITS = csv(
  ['所属コード', '所属名', '上位所属コード', '種別'],
  [
    ['CITY', '見本市', null, '市'],
    ['100', '総務局', 'CITY', '局'],
    ['110', '人事課', '100', '課'],
    ['120', '財政課', '100', '課'],
    ['400', '市立病院', 'CITY', '局'],
    ['410', '看護部', '400', '部'],
    ['420', '薬剤部', '400', '部'],
  ],
);

export const CREW = ['0001 110', '0002 110', '0003 120', '0004 120', '0005 410', '0006 410', '0007 420'];

/** A roster by code: each person as `number unit`, with further cells where `header` names their columns; `-` is blank. */
export function people(lines: readonly string[], ...header: string[]): string {
  return csv(
    ['職員番号', '氏名', '所属コード', ...header],
    lines.map((line) => {
      const [number, unit, ...rest] = line.split(' ');
      return [number!, `見本 ${number}`, unit!, ...rest.map((cell) => (cell === '-' ? null : cell))];
    }),
  );
}

const CHANGES = ['区分', '所属コード', '新所属コード', '新所属名', '上位所属コード', '職員番号'];

/** A reorganisation: each row as cells with `-` for blanks, blanks at the end left out. */
export function changesFile(rows: readonly string[]): string {
  return csv(
    CHANGES,
    rows.map((row) => {
      const cells = row.split(' ').map((cell) => (cell === '-' ? null : cell));
      return [...cells, ...Array<null>(CHANGES.length - cells.length).fill(null)];
    }),
  );
}

/** joined, left, moved, changed, unchanged */
export function changes({ joined, left, moved, changed, unchanged }: ImportReport): unknown[] {
  return [joined, left, moved, changed, unchanged];
}

export interface WatchedCity {
  city: CityFiles;
  /** Imports, then looks whether everything is as it must be. */
  roster(text: string, options?: RosterOptions): Promise<ImportReport>;
  /** CREW in UNITS, on 2022-04-01. */
  firstRoster(): Promise<void>;
  /** Back to the beginning within a test. */
  startAgain(): Promise<void>;
}

/** A city without history before each test; after each import nothing may be broken and nothing rewritten. */
export function watchedCity(): WatchedCity {
  let before = new Map<string, string>();
  const watched = {} as WatchedCity;
  const look = async () => {
    expect(await watched.city.violations()).toEqual([]);
    const now = await watched.city.history();
    for (const [id, row] of before) expect([id, now.get(id)]).toEqual([id, row]);
    before = now;
  };
  watched.roster = async (text, options = {}) => {
    const report = await watched.city.roster(text, options);
    await look();
    return report;
  };
  watched.firstRoster = async () => {
    const report = await watched.roster(people(CREW), { units: UNITS, asOf: '2022-04-01' });
    expect(report).toMatchObject({ problemCount: 0, joined: CREW.length });
  };
  watched.startAgain = async () => {
    await watched.city.forget();
    before = new Map();
  };
  beforeAll(async () => {
    watched.city = await CityFiles.open();
  });
  afterAll(() => watched.city.close());
  beforeEach(() => watched.startAgain());
  afterEach(look);
  return watched;
}
