import { crc32, inflateRawSync } from 'node:zlib';

/** The workbook with further parts, or others in place of its own; nothing refers to new ones, as a hostile file may do. */
export function withParts(workbook: Uint8Array, parts: Record<string, string | Buffer>): Buffer {
  const all = new Map(partsOf(Buffer.from(workbook)));
  for (const [name, text] of Object.entries(parts)) all.set(name, Buffer.from(text as string));
  const local: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, data] of all) {
    const sizes = Buffer.alloc(12);
    sizes.writeUInt32LE(crc32(data), 0);
    sizes.writeUInt32LE(data.length, 4);
    sizes.writeUInt32LE(data.length, 8);
    const nameLength = Buffer.from([Buffer.byteLength(name), 0]);
    const header = Buffer.concat([
      Buffer.from('14000000000000000000', 'hex'),
      sizes,
      nameLength,
      Buffer.alloc(2),
    ]);
    const entry = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), header, Buffer.from(name), data]);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(offset, 10);
    directory.push(Buffer.from('PK\x01\x02\x14\x00', 'latin1'), header, place, Buffer.from(name));
    local.push(entry);
    offset += entry.length;
  }
  const end = Buffer.alloc(18);
  end.writeUInt16LE(all.size, 4);
  end.writeUInt16LE(all.size, 6);
  end.writeUInt32LE(Buffer.concat(directory).length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...local, ...directory, Buffer.from('PK\x05\x06', 'latin1'), end]);
}

function* partsOf(zip: Buffer): Generator<[string, Buffer]> {
  const end = zip.lastIndexOf('PK\x05\x06', undefined, 'latin1');
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    const nameEnd = at + 46 + zip.readUInt16LE(at + 28);
    const offset = zip.readUInt32LE(at + 42);
    const start = offset + 30 + zip.readUInt16LE(offset + 26) + zip.readUInt16LE(offset + 28);
    const data = zip.subarray(start, start + zip.readUInt32LE(at + 20));
    yield [
      zip.toString('utf8', at + 46, nameEnd),
      zip.readUInt16LE(at + 10) === 8 ? inflateRawSync(data) : data,
    ];
    at = nameEnd + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
}
