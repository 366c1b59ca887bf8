import { expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { hasValidCheckDigit } from '../../src/platform/individual-number.js';
import { projectRoot } from '../../src/platform/project-root.js';

/** The example that is published with the formula; nobody's number. */
const PUBLISHED = '123456789018';
/** Where it may stand: what proves that it is refused. */
const REFUSALS = /^(test\/|scripts\/demo\/verify\.mjs$)/;

const NOT_OURS = /(^|\/)(node_modules|dist|data|demo-data|coverage|\.git)(\/|$)/;
/**
 * Twelve digits in one piece or in groups of four, not inside a longer word (hashes) and not decimals. One number in
 * ten passes the check by chance, so a date or a sum that is met here has to be written another way.
 */
const TWELVE_DIGITS = /(?<![A-Za-z0-9.])\d{12}(?![A-Za-z0-9])|(?<![\w.-])\d{4}([ -])\d{4}\1\d{4}(?![\w-])/g;

function writtenFiles(folder = ''): string[] {
  return readdirSync(join(projectRoot, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}${sep}${entry.name}`;
    if (NOT_OURS.test(path.split(sep).join('/'))) return [];
    return entry.isDirectory() ? writtenFiles(path) : entry.isFile() ? [path.split(sep).join('/')] : [];
  });
}

/** Null for pictures, workbooks and other files that are not text. */
function textOf(path: string): string | null {
  const bytes = readFileSync(join(projectRoot, path));
  const wide = new TextDecoder('utf-16le');
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return wide.decode(bytes);
  if (bytes.includes(0)) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('shift_jis').decode(bytes);
  }
}

function numbersIn(text: string): string[] {
  return [...text.normalize('NFKC').matchAll(TWELVE_DIGITS)]
    .map(([found]) => found.replace(/\D/g, ''))
    .filter(hasValidCheckDigit);
}

test('no number that could be somebody’s individual number stands anywhere in this repository', () => {
  const files = writtenFiles();
  expect(files.length).toBeGreaterThan(300);
  const places = files.flatMap((path) => {
    const allowed = REFUSALS.test(path) ? [PUBLISHED] : [];
    const found = numbersIn(textOf(path) ?? '').filter((number) => !allowed.includes(number));
    return found.length > 0 ? [`${path}: ${found.length}`] : [];
  });
  expect(places).toEqual([]);
});

test('the search finds the published example in every form that people write', () => {
  for (const text of [PUBLISHED, '番号1234 5678 9018。', '1234-5678-9018', '１２３４５６７８９０１８']) {
    expect(numbersIn(text)).toEqual([PUBLISHED]);
  }
});
