import { describe, expect, it } from '@jest/globals';
import { printable } from '../../../src/platform/typst/printable.js';

describe('printable text', () => {
  it('keeps what the fonts have, rare characters of names included', () => {
    const names = ['見本 花子', '𠮷田', '髙橋', '﨑', '葛\u{e0100}城', '① ㈱ 〜 − ±'];
    expect(printable(names)).toEqual({ value: names, missing: [] });
  });

  it('sets 〓 for a character that no font has, and names it once', () => {
    expect(printable({ a: ['\uE000と\uE000'], b: 3 })).toEqual({
      value: { a: ['〓と〓'], b: 3 },
      missing: ['U+E000'],
    });
  });

  it('lets no control character through', () => {
    expect(printable('総務\u0000課\n')).toEqual({ value: '総務 課 ', missing: [] });
  });
});
