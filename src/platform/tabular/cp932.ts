/** Every character that CP932 (Windows-31J) can hold, by decoding all of its codes once. All are below U+10000. */
let held: Uint8Array | null = null;

function holds(codePoint: number): boolean {
  held ??= decodeAll();
  return held[codePoint] === 1;
}

function decodeAll(): Uint8Array {
  const all = new Uint8Array(1 << 16);
  const decoder = new TextDecoder('shift_jis');
  for (let code = 0; code < 0x80; code++) all[code] = 1;
  for (let code = 0xa1; code <= 0xdf; code++) all[code - 0xa1 + 0xff61] = 1;
  const pair = new Uint8Array(2);
  for (let lead = 0x81; lead <= 0xfc; lead++) {
    if (lead >= 0xa0 && lead <= 0xdf) continue;
    for (let trail = 0x40; trail <= 0xfc; trail++) {
      if (trail === 0x7f) continue;
      pair[0] = lead;
      pair[1] = trail;
      const [character, ...more] = decoder.decode(pair);
      if (more.length === 0 && character !== '\uFFFD') all[character.codePointAt(0)!] = 1;
    }
  }
  // The wave dash and the minus sign of other systems are written as their full-width twins.
  for (const code of [0x301c, 0x2212, 0x2014, 0x2016]) all[code] = 1;
  return all;
}

const ORDINARY = /^[\u0020-\u007e\u3000-\u3002\u3041-\u3093\u30a1-\u30f6\u30fb\u30fc]*$/;

/** The characters of a text that a CP932 file cannot hold, each with its variation selectors; null when there is none. */
export function outsideCp932(text: string): string | null {
  if (ORDINARY.test(text)) return null;
  let outside = '';
  for (const character of text) {
    if (!holds(character.codePointAt(0)!)) outside += character;
  }
  return outside === '' ? null : outside;
}
