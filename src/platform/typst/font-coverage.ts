/** Which characters a TrueType font can draw: its `cmap` table, formats 4 and 12. */

/** Code points of the font in `bytes`. Throws RangeError on a file that is not a font. */
export function codePointsOf(bytes: Buffer): Set<number> {
  const found = new Set<number>();
  const cmap = tableOffset(bytes, 'cmap');
  const subtables = bytes.readUInt16BE(cmap + 2);
  for (let index = 0; index < subtables; index += 1) {
    const offset = cmap + bytes.readUInt32BE(cmap + 4 + index * 8 + 4);
    const format = bytes.readUInt16BE(offset);
    if (format === 4) addSegments(bytes, offset, found);
    if (format === 12) addGroups(bytes, offset, found);
  }
  return found;
}

function tableOffset(bytes: Buffer, tag: string): number {
  const tables = bytes.readUInt16BE(4);
  for (let index = 0; index < tables; index += 1) {
    const record = 12 + index * 16;
    if (bytes.toString('latin1', record, record + 4) === tag) return bytes.readUInt32BE(record + 8);
  }
  throw new RangeError(`font without a ${tag} table`);
}

/** Format 4: segments of the basic plane; a character is there when its glyph is not 0. */
function addSegments(bytes: Buffer, offset: number, found: Set<number>): void {
  const twice = bytes.readUInt16BE(offset + 6);
  const [ends, starts] = [offset + 14, offset + 16 + twice];
  const [deltas, ranges] = [starts + twice, starts + 2 * twice];
  for (let at = 0; at < twice; at += 2) {
    const [start, end] = [bytes.readUInt16BE(starts + at), bytes.readUInt16BE(ends + at)];
    const delta = bytes.readUInt16BE(deltas + at);
    const range = bytes.readUInt16BE(ranges + at);
    for (let code = start; code <= end && code !== 0xffff; code += 1) {
      const raw = range === 0 ? code : bytes.readUInt16BE(ranges + at + range + (code - start) * 2);
      const glyph = range !== 0 && raw === 0 ? 0 : (raw + delta) & 0xffff;
      if (glyph !== 0) found.add(code);
    }
  }
}

/** Format 12: groups over all planes. */
function addGroups(bytes: Buffer, offset: number, found: Set<number>): void {
  const groups = bytes.readUInt32BE(offset + 12);
  for (let index = 0; index < groups; index += 1) {
    const group = offset + 16 + index * 12;
    const [start, end] = [bytes.readUInt32BE(group), bytes.readUInt32BE(group + 4)];
    const glyph = bytes.readUInt32BE(group + 8);
    for (let code = start; code <= end; code += 1) if (glyph + code - start !== 0) found.add(code);
  }
}
