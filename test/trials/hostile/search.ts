import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inflateRawSync, inflateSync } from 'node:zlib';
import type { DataSource } from 'typeorm';
import { containsIndividualNumber } from '../../../src/platform/individual-number.js';
import { readZipDirectory } from '../../../src/platform/tabular/zip-directory.js';
import { tableNames } from '../../support/city-files.js';
import type { NumberFinder } from './numbers.js';

export interface Searched {
  rows: number;
  files: number;
  bytes: number;
  /** Where a number was found: a table and column or a file, never the number. */
  readonly found: string[];
}

/** Random by nature, and one in ten of what looks like a number there would pass the check. */
const RANDOM = /[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{32,}|^[\w-]{43}$|^\$argon2.*$/g;

/** Looks through everything that has stayed: once for any individual number, once for those that were sent. */
export class Search {
  readonly searched: Searched = { rows: 0, files: 0, bytes: 0, found: [] };

  constructor(private readonly finder: NumberFinder) {}

  /** Every table, value by value: digits of neighbouring values are no number. */
  async database(db: DataSource): Promise<void> {
    const runner = db.createQueryRunner();
    await runner.startTransaction();
    for (const table of [...(await tableNames(db)), 'migrations']) {
      // A moment cannot hold what was handed in, and one in ten would read as a number.
      await runner.query(
        `DECLARE reader NO SCROLL CURSOR FOR
         SELECT to_jsonb(t) - ARRAY(SELECT attname::text FROM pg_attribute
                                    WHERE attrelid = '${table}'::regclass AND atttypid = 'timestamptz'::regtype) AS row
         FROM ${table} t`,
      );
      for (;;) {
        const rows: { row: unknown }[] = await runner.query('FETCH 2000 FROM reader');
        if (rows.length === 0) break;
        this.searched.rows += rows.length;
        for (const { row } of rows) this.value(row, table);
      }
      await runner.query('CLOSE reader');
    }
    await runner.commitTransaction();
    await runner.release();
  }

  /** Every file below the folder; of a log, line by line, of zip and PDF what is packed in them. */
  async folder(folder: string): Promise<void> {
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      const shown = path.slice(folder.length + 1);
      this.text(shown, `name of a file below ${shown.split('/')[0]}`);
      if (entry.isFile()) await this.file(path, shown);
    }
  }

  private async file(path: string, shown: string): Promise<void> {
    const bytes = readFileSync(path);
    this.searched.files++;
    this.searched.bytes += bytes.length;
    if (shown === 'log') {
      for (const line of bytes.toString('utf8').split('\n')) this.line(line);
      return;
    }
    this.content(bytes, shown);
    if (bytes.subarray(0, 2).toString() !== 'PK') return;
    for (const { name, offset, packedBytes } of await readZipDirectory(path).catch(() => [])) {
      const start = offset + 30 + bytes.readUInt16LE(offset + 26) + bytes.readUInt16LE(offset + 28);
      this.content(unpacked(bytes.subarray(start, start + packedBytes)), `${shown} ${name}`);
    }
  }

  /** Bytes that may be text in one of the encodings that come in. */
  private content(bytes: Buffer, place: string): void {
    const texts = [bytes.toString('utf8'), bytes.toString('latin1')];
    if (bytes.includes(0)) texts.push(bytes.toString('utf16le'), bytes.subarray(1).toString('utf16le'));
    for (const stream of bytes.toString('latin1').matchAll(/stream\r?\n([\s\S]*?)endstream/g))
      texts.push(unpacked(Buffer.from(stream[1]!, 'latin1')).toString('latin1'));
    if (texts.some((text) => this.finder.isIn(text))) this.found(place);
  }

  private line(line: string): void {
    try {
      this.value(JSON.parse(line), 'log');
    } catch {
      this.text(line, 'log');
    }
  }

  private value(value: unknown, place: string): void {
    if (typeof value === 'object' && value !== null) {
      for (const [name, inner] of Object.entries(value)) {
        this.text(name, place);
        this.value(inner, Array.isArray(value) ? place : `${place} ${/^[\w-]+$/.test(name) ? name : '…'}`);
      }
    } else if (typeof value === 'string' || typeof value === 'number') {
      this.text(String(value), place);
    }
  }

  private text(text: string, place: string): void {
    if (text.startsWith('\\x')) {
      this.content(Buffer.from(text.slice(2), 'hex'), place);
    } else if (text.length >= 12) {
      if (containsIndividualNumber(text.replace(RANDOM, ' ')) || this.finder.isIn(text)) this.found(place);
    }
  }

  private found(place: string): void {
    if (!this.searched.found.includes(place)) this.searched.found.push(place);
  }
}

function unpacked(bytes: Buffer): Buffer {
  for (const inflate of [inflateRawSync, inflateSync]) {
    try {
      return inflate(bytes, { finishFlush: 2, maxOutputLength: 50_000_000 });
    } catch {
      // Not packed in this way.
    }
  }
  return bytes;
}
