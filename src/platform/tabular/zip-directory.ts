import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createInflateRaw } from 'node:zlib';
import { UnreadableFile } from './unreadable-file.js';

export interface ZipEntry {
  readonly name: string;
  readonly encrypted: boolean;
  readonly deflated: boolean;
  readonly packedBytes: number;
  readonly unpackedBytes: number;
  /** Where its local header begins. */
  readonly offset: number;
}

const END_RECORD = 22;
const MAX_COMMENT = 0xffff;
const MAX_DIRECTORY_BYTES = 8_000_000;
/** A workbook has some parts a sheet; each is opened once. */
const MAX_PARTS = 5_000;
/** DEFLATE cannot do better than 1,032 : 1, and no sheet comes near it. */
const MAX_RATIO = 1000;
const RATIO_FROM_BYTES = 1_000_000;

/** The list of parts at the end of a zip file, read without unpacking anything. */
export async function readZipDirectory(path: string): Promise<ZipEntry[]> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const tail = Buffer.alloc(Math.min(size, END_RECORD + MAX_COMMENT));
    await file.read(tail, 0, tail.length, size - tail.length);
    const end = tail.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
    if (end < 0 || end + END_RECORD > tail.length) throw new UnreadableFile('broken_xlsx');
    const count = tail.readUInt16LE(end + 10);
    const bytes = tail.readUInt32LE(end + 12);
    const offset = tail.readUInt32LE(end + 16);
    // 0xffffffff stands for the 64-bit fields of zip64, which only a part of 4 GB needs.
    if (offset === 0xffffffff || bytes > MAX_DIRECTORY_BYTES) throw new UnreadableFile('too_large');
    if (offset + bytes > size) throw new UnreadableFile('broken_xlsx');
    const directory = Buffer.alloc(bytes);
    await file.read(directory, 0, bytes, offset);
    return entriesOf(directory, count);
  } finally {
    await file.close();
  }
}

function entriesOf(directory: Buffer, count: number): ZipEntry[] {
  if (count > MAX_PARTS) throw new UnreadableFile('too_large');
  const entries: ZipEntry[] = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (at + 46 > directory.length || directory.readUInt32LE(at) !== 0x02014b50) {
      throw new UnreadableFile('broken_xlsx');
    }
    const nameEnd = at + 46 + directory.readUInt16LE(at + 28);
    entries.push({
      name: directory.toString('utf8', at + 46, nameEnd),
      encrypted: (directory.readUInt16LE(at + 8) & 1) === 1,
      deflated: directory.readUInt16LE(at + 10) === 8,
      packedBytes: directory.readUInt32LE(at + 20),
      unpackedBytes: directory.readUInt32LE(at + 24),
      offset: directory.readUInt32LE(at + 42),
    });
    at = nameEnd + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
  }
  // Parts beyond the count would be read by others and not by us.
  if (at !== directory.length) throw new UnreadableFile('broken_xlsx');
  return entries;
}

/** Refuses a zip that says it is too large: nothing is unpacked for it. */
export function refuseZipBomb(entries: readonly ZipEntry[], maxBytes: number): void {
  let total = 0;
  for (const { packedBytes, unpackedBytes } of entries) {
    total += unpackedBytes;
    const steep = unpackedBytes > RATIO_FROM_BYTES && unpackedBytes > packedBytes * MAX_RATIO;
    if (steep || total > maxBytes) throw new UnreadableFile('too_large');
  }
}

/** The part's bytes, of which nothing is kept; throws as soon as there are more than the directory says. */
export async function* unpack(path: string, entry: ZipEntry): AsyncGenerator<Buffer> {
  const header = Buffer.alloc(30);
  const file = await open(path);
  try {
    await file.read(header, 0, 30, entry.offset);
  } finally {
    await file.close();
  }
  if (header.readUInt32LE(0) !== 0x04034b50) throw new UnreadableFile('broken_xlsx');
  const start = entry.offset + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
  if (entry.packedBytes === 0) return;
  const packed = createReadStream(path, { start, end: start + entry.packedBytes - 1 });
  const unpacked = entry.deflated ? packed.pipe(createInflateRaw()) : packed;
  packed.on('error', (error) => unpacked.destroy(error));
  let bytes = 0;
  try {
    for await (const chunk of unpacked) {
      bytes += (chunk as Buffer).length;
      if (bytes > entry.unpackedBytes) throw new UnreadableFile('too_large');
      yield chunk as Buffer;
    }
  } catch (error) {
    if (error instanceof UnreadableFile) throw error;
    throw new UnreadableFile('broken_xlsx');
  } finally {
    packed.destroy();
  }
}
