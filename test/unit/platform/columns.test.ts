import { describe, expect, test } from '@jest/globals';
import { columnsOf, wrapText } from '../../../src/platform/columns.js';

test('full-width characters take two columns, also rare ones', () => {
  expect(['a1', '課', 'ｶ', '𠮷', 'Ａ', '😀'].map(columnsOf)).toEqual([2, 2, 1, 2, 2, 2]);
});

describe('long lines', () => {
  test('end between words, with the punctuation that belongs to them', () => {
    expect(wrapText('申請をご検討ください。取得も回答も任意です。', 24)).toBe(
      '申請をご検討ください。\n取得も回答も任意です。',
    );
  });

  test('keep their indentation', () => {
    expect(wrapText('  ひとつの言葉と、もうひとつの言葉', 24)).toBe('  ひとつの言葉と、\n  もうひとつの言葉');
  });

  test('of a list go on under its words', () => {
    expect(wrapText('・ひとつの言葉と、もうひとつの言葉', 24)).toBe('・ひとつの言葉と、\n  もうひとつの言葉');
  });

  test('keep addresses and figures whole, however long', () => {
    const url = 'https://card.example.jp/units/0101-with-a-very-long-name';
    expect(wrapText(`こちらです ${url} から`, 20).split('\n')).toContain(url);
  });

  test('lose nothing but the spaces they are broken at', () => {
    const text = '朝礼や打ち合わせの場で、2,706 / 3,300人(82.0%)のように、次のことをお伝えください。'.repeat(
      5,
    );
    const wrapped = wrapText(text, 30);
    expect(wrapped.replace(/\s/g, '')).toBe(text.replace(/\s/g, ''));
    for (const line of wrapped.split('\n')) expect(columnsOf(line)).toBeLessThanOrEqual(30);
  });

  test('that are short enough stay as they are', () => {
    const text = 'みじかい行\n\n  もうひとつ ';
    expect(wrapText(text, 20)).toBe(text);
  });
});
