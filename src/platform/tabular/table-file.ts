import { open } from 'node:fs/promises';
import type { InputFile } from '../imports/import-report.js';
import { chooseSeparator, CsvRecords } from './csv-records.js';
import type { OpenedTable, OpenTableOptions, TableEncoding, TableRow } from './table.types.js';
import { decodeFile, detectEncoding, type TextEncoding } from './text-encoding.js';
import { UnreadableFile } from './unreadable-file.js';
import { openXlsx } from './xlsx-rows.js';

const HEAD_BYTES = 1 << 16;
const ZIP = Buffer.from('PK', 'latin1');
const OLE2 = Buffer.from('d0cf11e0a1b11ae1', 'hex');
/** The stream in which Office keeps an encrypted workbook, as the container's directory names it. */
const ENCRYPTED_STREAM = Buffer.from('EncryptedPackage', 'utf16le');

/**
 * Opens a CSV, TSV or XLSX file as rows of text. What it is, its encoding and its separator are found from the
 * content, never from the name. CSV is streamed: memory does not grow with the file.
 * Throws `UnreadableFile` for everything that is no table.
 */
export async function openTable(file: InputFile, options: OpenTableOptions = {}): Promise<OpenedTable> {
  const head = await readHead(file.path);
  if (head.length === 0) throw new UnreadableFile('empty_file');
  if (head.subarray(0, 2).equals(ZIP) && head[2] < 9 && head[3] < 9) {
    const { sheets, batches, holdsIndividualNumber } = await openXlsx(file.path, options);
    return { ...opened('XLSX', sheets, batches), holdsIndividualNumber };
  }
  await refuseOtherKinds(file.path, head);
  const encoding = await detectEncoding(file.path, head);
  if (encoding === null) throw new UnreadableFile('binary_file');
  return opened(encoding, [], csvBatches(file.path, encoding, options.onRead));
}

function opened(
  encoding: TableEncoding,
  sheets: readonly string[],
  batches: AsyncIterable<readonly TableRow[]>,
): OpenedTable {
  return { encoding, sheets, batches, rows: flatten(batches), holdsIndividualNumber: false };
}

async function* flatten(batches: AsyncIterable<readonly TableRow[]>): AsyncGenerator<TableRow> {
  for await (const batch of batches) yield* batch;
}

async function* csvBatches(
  path: string,
  encoding: TextEncoding,
  onRead?: OpenTableOptions['onRead'],
): AsyncGenerator<TableRow[]> {
  let records: CsvRecords | null = null;
  let anything = false;
  for await (const piece of decodeFile(path, encoding, onRead)) {
    anything ||= piece.trim() !== '';
    records ??= new CsvRecords(chooseSeparator(piece.slice(0, HEAD_BYTES)));
    const rows = records.push(piece);
    if (rows.length > 0) yield rows;
  }
  if (!anything) throw new UnreadableFile('empty_file');
  const rest = records?.end() ?? [];
  if (rest.length > 0) yield rest;
}

async function readHead(path: string): Promise<Buffer> {
  const file = await open(path);
  try {
    const buffer = Buffer.alloc(HEAD_BYTES);
    const { bytesRead } = await file.read(buffer, 0, HEAD_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

async function refuseOtherKinds(path: string, head: Buffer): Promise<void> {
  if (head.subarray(0, OLE2.length).equals(OLE2)) {
    throw new UnreadableFile((await holdsEncryptedWorkbook(path)) ? 'encrypted_xlsx' : 'old_excel');
  }
  const start = head
    .subarray(0, 1024)
    .toString('latin1')
    .replace(/^(?:ï»¿|ÿþ|þÿ)/, '')
    .replaceAll('\0', '')
    .trimStart();
  if (start.startsWith('%PDF-')) throw new UnreadableFile('pdf_file');
  if (/^<(?:!doctype|html|head|body|table|meta|style|\?xml|!--)/i.test(start)) {
    throw new UnreadableFile('html_file');
  }
}

/** The container's directory sector is anywhere in the file; its place stands at byte 48 of the header. */
async function holdsEncryptedWorkbook(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const header = Buffer.alloc(512);
    await file.read(header, 0, 512, 0);
    const sector = 2 ** Math.min(header.readUInt16LE(30), 16);
    const directory = Buffer.alloc(4096);
    await file.read(directory, 0, directory.length, (header.readUInt32LE(48) + 1) * sector);
    return directory.includes(ENCRYPTED_STREAM);
  } finally {
    await file.close();
  }
}
