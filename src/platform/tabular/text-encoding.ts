import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';

export type TextEncoding = 'UTF-8' | 'CP932' | 'UTF-16LE' | 'UTF-16BE';

/** `shift_jis` of the WHATWG encodings is Windows-31J, with NEC and IBM extensions and user-defined characters. */
const LABELS: Record<TextEncoding, string> = {
  'UTF-8': 'utf-8',
  CP932: 'shift_jis',
  'UTF-16LE': 'utf-16le',
  'UTF-16BE': 'utf-16be',
};
/** Small enough for its rows to be gone before the collector looks at them twice. */
const CHUNK = 1 << 16;

/** What a decoder puts where bytes mean nothing in the encoding. */
export const REPLACEMENT = '\uFFFD';

/**
 * Byte order mark, else UTF-16 by its zero bytes, else UTF-8 if the whole file is valid UTF-8, else CP932.
 * Null for bytes that are no text. `head` is the beginning of the file.
 */
export async function detectEncoding(path: string, head: Buffer): Promise<TextEncoding | null> {
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return 'UTF-8';
  if (head[0] === 0xff && head[1] === 0xfe) return 'UTF-16LE';
  if (head[0] === 0xfe && head[1] === 0xff) return 'UTF-16BE';
  if (head.includes(0)) return utf16ByZeros(head);
  return (await isMeantAsUtf8(path)) ? 'UTF-8' : 'CP932';
}

/** The text of the file in pieces. Bytes that mean nothing become U+FFFD; a byte order mark is dropped. */
export async function* decodeFile(
  path: string,
  encoding: TextEncoding,
  onRead: (bytes: number, of: number) => void = () => {},
): AsyncGenerator<string> {
  const decoder = new TextDecoder(LABELS[encoding]);
  const { size } = await stat(path);
  let bytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: CHUNK })) {
    yield decoder.decode(chunk as Buffer, { stream: true });
    onRead((bytes += (chunk as Buffer).length), size);
  }
  yield decoder.decode();
}

/** Separators, digits and line ends have their zero byte always on the same side. */
function utf16ByZeros(head: Buffer): TextEncoding | null {
  const zeros = [0, 0];
  for (let i = 0; i < head.length; i++) if (head[i] === 0) zeros[i % 2]++;
  if (zeros[0] === 0) return 'UTF-16LE';
  if (zeros[1] === 0) return 'UTF-16BE';
  return null;
}

/**
 * Valid UTF-8, or UTF-8 with a few broken bytes: CP932 does not by chance begin with a run of valid three-byte
 * characters, so then the broken rows are named instead of reading everything as the wrong characters.
 */
async function isMeantAsUtf8(path: string): Promise<boolean> {
  let rest: Buffer = Buffer.alloc(0);
  let validBefore = false;
  for await (const chunk of createReadStream(path, { highWaterMark: CHUNK })) {
    const bytes = rest.length > 0 ? Buffer.concat([rest, chunk as Buffer]) : (chunk as Buffer);
    const whole = bytes.length - lengthOfCutCharacter(bytes);
    if (!isUtf8(bytes.subarray(0, whole))) return validBefore || startsLikeUtf8(bytes);
    validBefore ||= bytes.some((byte) => byte >= 0xe0);
    rest = bytes.subarray(whole);
  }
  return rest.length === 0 || validBefore;
}

function startsLikeUtf8(bytes: Buffer): boolean {
  const [valid] = new TextDecoder('utf-8').decode(bytes).split(REPLACEMENT, 1);
  return (valid.match(/[\u0800-\uFFFF]/g)?.length ?? 0) >= 8;
}

/** How many bytes at the end begin a character that the next chunk completes. */
function lengthOfCutCharacter(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back];
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return back < (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) ? back : 0;
  }
  return 0;
}
