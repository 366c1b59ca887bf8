import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../../src/platform/project-root.js';
import { ROSTER, STATUS, UNITS } from '../../support/api-city.js';
import type { Dice } from '../dice.js';
import type { HttpInput } from './input.js';
import { disguised, individualNumber } from './numbers.js';
import { hostileText, nearText } from './texts.js';
import { csv, ENCODINGS, encoded, mutated, odd, shaped } from './table-bytes.js';
import { OTHER_PARTS, twistedWorkbook, workbook } from './workbooks.js';

interface HostileFile {
  readonly name: Buffer;
  readonly bytes: Buffer;
  readonly about: string;
  readonly numbers: readonly string[];
  readonly mustRefuse: boolean;
}

type Row = string[];
const fixtures = (folder: string) =>
  readdirSync(join(projectRoot, folder)).map((name) => readFileSync(join(projectRoot, folder, name)));
const FIXTURES = ['test/fixtures/import/ok', 'test/fixtures/import/not-ok', 'test/fixtures/citizens'].flatMap(
  fixtures,
);
const CITIZENS = readFileSync(join(projectRoot, 'test/fixtures/citizens/long-areas.csv'), 'utf8');
const REORGANISATION = `区分,所属コード,新所属コード,新所属名,上位所属コード,職員番号
統合,21,11,,,
名称変更,11,,人材課,,
新設,,13,広報課,10,
異動,11,13,,,0000001`;
const tableOf = (text: string): Row[] => text.split(/\r?\n/).map((line) => line.split(','));
const TABLES: Record<string, readonly Row[]> = {
  roster: tableOf(ROSTER),
  status: tableOf(STATUS),
  units: tableOf(UNITS),
  citizens: tableOf(CITIZENS),
  reorganisation: tableOf(REORGANISATION),
};

/** A form with files, over one of the doors where they come in. */
export function hostileUpload(dice: Dice, asWorkbook: boolean): HttpInput {
  const kind = dice.chance(0.97)
    ? dice.weighted({ roster: 5, status: 3, citizens: 2, reorganisation: 2 })
    : 'none';
  const file = asWorkbook ? hostileWorkbook(dice, kind) : hostileTable(dice, kind);
  const withUnits = kind === 'roster' && dice.chance(0.3);
  const units = withUnits ? (dice.chance(0.5) ? hostileTable(dice, 'units') : soundFile('units')) : null;
  const web = dice.chance(0.3);
  const field = dice.chance(0.97) ? 'file' : hostileText(dice).slice(0, 100);
  const numbers = [...file.numbers, ...(units?.numbers ?? [])];
  let mustRefuse = (file.mustRefuse && field === 'file') || (units?.mustRefuse ?? false);
  const fields = dice.times(0, 2, (): [string, string] => {
    const name = dice.pick(['asOf', 'scope', 'confirmDepartures', 'x']);
    if (!dice.chance(0.1))
      return [name, dice.chance(0.6) ? nearText(dice, name) : hostileText(dice).slice(0, 900)];
    numbers.push(individualNumber(dice));
    mustRefuse = true;
    return [name, disguised(dice, numbers.at(-1)!)];
  });
  if (kind === 'reorganisation' && dice.chance(0.9)) fields.push(['asOf', '2023-04-01']);
  const whole = form([
    // A page's form carries its token before the files.
    ...(web ? [{ field: '_csrf', content: Buffer.from('{csrf}') }] : []),
    ...fields.map(([name, text]) => ({ field: name, content: Buffer.from(text) })),
    { field, content: file.bytes, name: file.name },
    ...(units ? [{ field: 'units', content: units.bytes, name: units.name }] : []),
  ]);
  const cut = dice.chance(0.04);
  return {
    door: 'file',
    about: `${web ? 'page' : 'API'} ${kind}: ${file.about}${units ? ` and units: ${units.about}` : ''}${cut ? ', cut off' : ''}`,
    method: 'POST',
    url: `${web ? '' : '/api/v1'}/imports/${kind}`,
    actor: dice.weighted({ hr: 12, 'hr of 11': 1, 'writing token': 2, 'reading token': 0.5, nobody: 0.5 }),
    csrf: dice.weighted({ own: 12, none: 0.5, wrong: 0.5 }),
    headers: { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` },
    body: cut ? whole.subarray(0, dice.below(whole.length)) : whole,
    preview: true,
    numbers,
    mustRefuse: mustRefuse && !cut,
  };
}

const BOUNDARY = 'trial-2f1d';

function form(parts: readonly { field: string; content: Buffer; name?: Buffer }[]): Buffer {
  return Buffer.concat([
    ...parts.flatMap(({ field, content, name }) => [
      Buffer.from(`--${BOUNDARY}\r\nContent-Disposition: form-data; name="${inHeader(field)}"`),
      ...(name
        ? [Buffer.from('; filename="'), name, Buffer.from('"\r\nContent-Type: application/octet-stream')]
        : []),
      Buffer.from('\r\n\r\n'),
      content,
      Buffer.from('\r\n'),
    ]),
    Buffer.from(`--${BOUNDARY}--\r\n`),
  ]);
}

function inHeader(text: string): string {
  return text.replaceAll('"', '%22').replace(/[\r\n]/g, ' ');
}

const NAMES = [
  'meibo.csv',
  '名簿.xlsx',
  '../../../etc/passwd',
  '..\\..\\x.csv',
  '/etc/cron.d/x',
  'a\tb.csv',
  'a\0b.csv',
  `${'長'.repeat(300)}.csv`,
  '.',
  'con.csv',
  'a.csv;x=y',
  '<xss-trial>.csv',
  '=1+1.csv',
  '\u202evsc.exe',
];

function fileName(dice: Dice): Buffer {
  if (dice.chance(0.5)) return Buffer.from('meibo.csv');
  if (dice.chance(0.1))
    return dice.bytes(40).filter((byte) => byte !== 0x22 && byte !== 13 && byte !== 10) as Buffer;
  return Buffer.from(inHeader(dice.chance(0.8) ? dice.pick(NAMES) : hostileText(dice).slice(0, 400)));
}

function soundFile(kind: string): HostileFile {
  const rows = TABLES[kind] ?? TABLES.roster!;
  return {
    name: Buffer.from('a.csv'),
    bytes: Buffer.from(csv(rows)),
    about: 'sound',
    numbers: [],
    mustRefuse: false,
  };
}

/** A number where the product reads: in any cell, beside, above or below the table, or in the file's name. */
function withNumber(
  dice: Dice,
  rows: Row[],
): { rows: Row[]; name?: Buffer; number: string; written: string } {
  const number = individualNumber(dice);
  const written = disguised(dice, number);
  const at = dice.between(1, rows.length - 1);
  switch (dice.below(7)) {
    case 0:
      return { rows: [[written], ...rows], number, written };
    case 1:
      return { rows: [...rows, [written]], number, written };
    case 2:
      return { rows: rows.map((row, r) => [...row, r === 0 ? written : '']), number, written };
    case 3:
      return {
        rows: rows.map((row, r) => [...row, r === 0 ? '備考' : r === at ? written : '']),
        number,
        written,
      };
    case 4:
      // What stands before a slash is a folder and is dropped with it.
      return { rows, number, written, name: Buffer.from(`${inHeader(written).replaceAll('/', '-')}.csv`) };
    case 5:
      return { rows: rows.map((row, r) => (r === at ? [...row, written] : row)), number, written };
    default: {
      const column = dice.below(rows[0]!.length);
      return {
        rows: rows.map((row, r) => (r === at ? row.map((cell, c) => (c === column ? written : cell)) : row)),
        number,
        written,
      };
    }
  }
}

function hostileTable(dice: Dice, kind: string): HostileFile {
  const rows = (TABLES[kind] ?? TABLES.roster!).map((row) => [...row]);
  const how = dice.weighted({
    number: 4,
    cells: 4,
    shape: 2,
    bytes: 4,
    fixture: 2,
    encoding: 2,
    odd: 1,
    sound: 0.5,
  });
  const plain = { name: fileName(dice), about: how, numbers: [], mustRefuse: false };
  switch (how) {
    case 'number': {
      const { rows: marked, name, number } = withNumber(dice, rows);
      const bytes = encoded(dice.pick(['utf8', 'utf8 bom', 'utf16le', 'utf16be']), csv(marked));
      return {
        name: name ?? Buffer.from('meibo.csv'),
        bytes,
        about: 'individual number',
        numbers: [number],
        mustRefuse: true,
      };
    }
    case 'cells':
      for (let count = dice.between(1, 5); count > 0; count--) {
        const row = dice.pick(rows);
        row[dice.below(row.length)] = dice.chance(0.2) ? nearText(dice, 'any') : hostileText(dice);
      }
      return { ...plain, bytes: Buffer.from(csv(rows)) };
    case 'shape':
      return { ...plain, bytes: Buffer.from(shaped(dice, rows)) };
    case 'bytes':
      return { ...plain, bytes: mutated(dice, encoded(dice.pick(ENCODINGS), csv(rows))) };
    case 'fixture': {
      // The published example stands in some of them: it is refused or not, and never stays.
      const bytes = dice.pick(FIXTURES);
      return { ...plain, bytes: dice.chance(0.5) ? bytes : mutated(dice, bytes) };
    }
    case 'encoding':
      return {
        ...plain,
        bytes: Buffer.concat([
          encoded(dice.pick(ENCODINGS), csv(rows)),
          encoded(dice.pick(ENCODINGS), `\r\n${csv(rows)}`),
        ]),
      };
    case 'odd':
      return { ...plain, bytes: odd(dice) };
    default:
      return { ...plain, bytes: Buffer.from(csv(rows)) };
  }
}

function hostileWorkbook(dice: Dice, kind: string): HostileFile {
  const rows = (TABLES[kind] ?? TABLES.roster!).map((row) => [...row]);
  const name = fileName(dice);
  const how = dice.weighted({
    number: 3,
    sheetName: 0.7,
    comment: 0.7,
    elsewhere: 1,
    asNumber: 1,
    twist: 5,
    cells: 2,
    bytes: 2,
  });
  const plain = { name, about: `workbook: ${how}`, numbers: [], mustRefuse: false };
  switch (how) {
    case 'number': {
      const marked = withNumber(dice, rows);
      return {
        name: marked.name ?? Buffer.from('meibo.xlsx'),
        bytes: workbook(marked.rows),
        about: 'workbook: individual number',
        numbers: [marked.number],
        // XML cannot hold every character that splits a number.
        mustRefuse: true,
      };
    }
    case 'sheetName': {
      const number = individualNumber(dice);
      return {
        ...plain,
        bytes: workbook(rows, { sheetName: disguised(dice, number) }),
        numbers: [number],
        mustRefuse: true,
      };
    }
    case 'comment': {
      const number = individualNumber(dice);
      return {
        ...plain,
        bytes: workbook(rows, { comment: disguised(dice, number) }),
        numbers: [number],
        mustRefuse: true,
      };
    }
    case 'elsewhere': {
      const number = individualNumber(dice);
      const part = dice.pick(OTHER_PARTS);
      const bytes = workbook(rows, { elsewhere: { part, text: disguised(dice, number) } });
      return { ...plain, about: `workbook: number in ${part}`, bytes, numbers: [number], mustRefuse: true };
    }
    case 'asNumber': {
      const number = individualNumber(dice);
      const leading = number.startsWith('0');
      rows.at(-1)!.push(number);
      rows[0]!.push('備考');
      // A workbook's number has no leading zero: what is left is not an individual number any more.
      return {
        ...plain,
        bytes: workbook(rows, { asNumber: number }),
        numbers: [number],
        mustRefuse: !leading,
      };
    }
    case 'twist': {
      const { bytes, about } = twistedWorkbook(dice, rows);
      return { ...plain, bytes, about: `workbook: ${about}` };
    }
    case 'cells':
      for (let count = dice.between(1, 5); count > 0; count--) {
        const row = dice.pick(rows);
        row[dice.below(row.length)] = hostileText(dice).slice(0, 40_000);
      }
      return { ...plain, bytes: workbook(rows) };
    default:
      return { ...plain, bytes: mutated(dice, workbook(rows)) };
  }
}
