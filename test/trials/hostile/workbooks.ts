import type { Dice } from '../dice.js';
import { hostileText } from './texts.js';
import { zip, type ZipPart } from './zip.js';

const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const RELS = 'http://schemas.openxmlformats.org/package/2006/relationships';
const DOC = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';

/** What XML can hold: the rest would make any workbook unreadable before it is hostile. */
function xml(text: string): string {
  return Buffer.from(text)
    .toString()
    .replace(/[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '')
    .replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

function column(at: number): string {
  return String.fromCharCode(65 + (at % 26));
}

export interface WorkbookOptions {
  readonly sheetName?: string;
  /** Of the cell A1, in a part of its own. */
  readonly comment?: string;
  /** As the number itself instead of text. */
  readonly asNumber?: string;
  /** In a part that is not the table. */
  readonly elsewhere?: { readonly part: string; readonly text: string };
}

/** Parts that Excel shows somewhere, or keeps. */
export const OTHER_PARTS = [
  'docProps/core.xml',
  'xl/drawings/drawing1.xml',
  'xl/worksheets/sheet2.xml',
  'xl/sharedStrings.xml',
  'customXml/item1.xml',
];

/** A workbook with the rows on its only sheet, well-formed unless `twist` breaks it. */
export function workbook(
  rows: readonly (readonly string[])[],
  { sheetName = '名簿', comment, asNumber, elsewhere }: WorkbookOptions = {},
  twist: (parts: ZipPart[]) => ZipPart[] = (parts) => parts,
): Buffer {
  const cells = rows
    .map(
      (row, r) =>
        `<row r="${r + 1}">${row
          .map((text, c) =>
            text === asNumber
              ? `<c r="${column(c)}${r + 1}"><v>${text}</v></c>`
              : `<c r="${column(c)}${r + 1}" t="inlineStr"><is><t xml:space="preserve">${xml(text)}</t></is></c>`,
          )
          .join('')}</row>`,
    )
    .join('');
  const parts: Record<string, string> = {
    '[Content_Types].xml':
      '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>',
    '_rels/.rels': `<?xml version="1.0"?><Relationships xmlns="${RELS}"><Relationship Id="rId1" Type="${DOC}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    'xl/workbook.xml': `<?xml version="1.0"?><workbook xmlns="${MAIN}" xmlns:r="${DOC}"><sheets><sheet name="${xml(sheetName)}" sheetId="1" r:id="rId1"/></sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `<?xml version="1.0"?><Relationships xmlns="${RELS}"><Relationship Id="rId1" Type="${DOC}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
    'xl/worksheets/sheet1.xml': `<?xml version="1.0"?><worksheet xmlns="${MAIN}"><sheetData>${cells}</sheetData></worksheet>`,
  };
  if (comment !== undefined) {
    parts['xl/worksheets/_rels/sheet1.xml.rels'] =
      `<?xml version="1.0"?><Relationships xmlns="${RELS}"><Relationship Id="rId1" Type="${DOC}/comments" Target="../comments1.xml"/></Relationships>`;
    parts['xl/comments1.xml'] =
      `<?xml version="1.0"?><comments xmlns="${MAIN}"><authors><author>a</author></authors><commentList><comment ref="A1" authorId="0"><text><t>${xml(comment)}</t></text></comment></commentList></comments>`;
  }
  if (elsewhere !== undefined)
    parts[elsewhere.part] = `<?xml version="1.0"?><a xmlns="${MAIN}"><t>${xml(elsewhere.text)}</t></a>`;
  return zip(twist(Object.entries(parts).map(([name, text]) => ({ name, content: Buffer.from(text) }))));
}

const SHEET = 'xl/worksheets/sheet1.xml';
const sheetOf = (body: string) =>
  `<?xml version="1.0"?><worksheet xmlns="${MAIN}"><sheetData>${body}</sheetData></worksheet>`;

function laughs(levels: number): string {
  const entities = Array.from({ length: levels }, (_, n) =>
    n === 0 ? '<!ENTITY l0 "ha">' : `<!ENTITY l${n} "${`&l${n - 1};`.repeat(10)}">`,
  );
  return `<?xml version="1.0"?><!DOCTYPE w [${entities.join('')}]><worksheet xmlns="${MAIN}"><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>&l${levels - 1};</t></is></c></row></sheetData></worksheet>`;
}

const TWISTS: Record<string, (dice: Dice) => (parts: ZipPart[]) => ZipPart[]> = {
  'billion laughs': (dice) => replaced(SHEET, laughs(dice.pick([5, 10, 30]))),
  'external entity': () =>
    replaced(
      SHEET,
      `<?xml version="1.0"?><!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/passwd">]><worksheet xmlns="${MAIN}"><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>&x;</t></is></c></row></sheetData></worksheet>`,
    ),
  'zip bomb': () => (parts) => [
    ...parts.filter(({ name }) => name !== SHEET),
    { name: SHEET, content: Buffer.alloc(30_000_000, ' ') },
  ],
  'false size': (dice) => (parts) =>
    parts.map((part) => ({ ...part, claims: dice.pick([0, 1, 100, 0xffffffff, 300_000_000]) })),
  encrypted: () => (parts) => parts.map((part) => ({ ...part, encrypted: true })),
  'other packing': (dice) => (parts) =>
    parts.map((part) => ({ ...part, method: dice.pick([0, 1, 9, 12, 99]) })),
  'path tricks': (dice) => (parts) => [
    ...parts,
    {
      name: dice.pick(['../../../tmp/evil', '/etc/passwd', 'C:\\evil', 'xl/../../evil', '\0']),
      content: Buffer.from('x'),
    },
  ],
  'missing part': (dice) => (parts) => parts.filter((_, at) => at !== dice.below(parts.length)),
  'doubled part': (dice) => (parts) => [...parts, dice.pick(parts)],
  'far cell': (dice) =>
    replaced(
      SHEET,
      sheetOf(
        `<row r="${dice.pick(['1', '1048576', '99999999999', '-1', '0', 'x'])}"><c r="${dice.pick(['XFD1', 'XFD1048576', 'A99999999999', 'ZZZZZZ1', '', '1A', 'A-1', 'AAAAAAAAAAAAAAAAAAAA1'])}"><v>1</v></c></row>`,
      ),
    ),
  'odd cell': (dice) =>
    replaced(
      SHEET,
      sheetOf(
        `<row r="1"><c r="A1" t="${dice.pick(['s', 'e', 'b', 'd', 'n', 'str', 'zz'])}" s="${dice.pick(['0', '99999', '-1', 'x'])}"><f>${xml(hostileText(dice).slice(0, 300))}</f><v>${dice.pick(['-1', '99999999', 'NaN', '1e999', '', 'x', '#REF!', '1e-400'])}</v></c></row>`,
      ),
    ),
  'deep XML': () => replaced(SHEET, sheetOf('<a>'.repeat(100_000))),
  'unclosed XML': () =>
    replaced(SHEET, `<?xml version="1.0"?><worksheet xmlns="${MAIN}"><sheetData><row r="1"><c`),
  'no XML': (dice) => replaced(SHEET, dice.bytes(500).toString('latin1')),
  'odd encoding': (dice) =>
    replaced(
      SHEET,
      `<?xml version="1.0" encoding="${dice.pick(['utf-16', 'shift_jis', 'x'])}"?><worksheet/>`,
    ),
  'many rows': (dice) =>
    replaced(
      SHEET,
      sheetOf('<row><c t="inlineStr"><is><t>a</t></is></c></row>'.repeat(dice.pick([2000, 20_000]))),
    ),
  'macro and link': () => (parts) => [
    ...parts,
    { name: 'xl/vbaProject.bin', content: Buffer.from('Attribute VB_Name') },
    { name: 'xl/externalLinks/externalLink1.xml', content: Buffer.from('<externalLink/>') },
  ],
};

function replaced(name: string, text: string): (parts: ZipPart[]) => ZipPart[] {
  return (parts) => parts.map((part) => (part.name === name ? { name, content: Buffer.from(text) } : part));
}

export function twistedWorkbook(
  dice: Dice,
  rows: readonly (readonly string[])[],
): { readonly bytes: Buffer; readonly about: string } {
  const about = dice.pick(Object.keys(TWISTS));
  // Unpacking thirty megabytes again and again would be all that a long run does.
  const kind = about === 'zip bomb' && dice.chance(0.8) ? 'false size' : about;
  return { bytes: workbook(rows, {}, TWISTS[kind]!(dice)), about: kind };
}
