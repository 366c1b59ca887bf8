import iconv from 'iconv-lite';
import type { Dice } from '../dice.js';

export function csv(rows: readonly (readonly string[])[], separator = ',', newline = '\r\n'): string {
  const cell = (text: string) => (/[",\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return rows.map((row) => row.map(cell).join(separator)).join(newline);
}

export const ENCODINGS = [
  'utf8',
  'utf8 bom',
  'cp932',
  'utf16le',
  'utf16be',
  'eucjp',
  'latin1',
  'utf32',
] as const;

export function encoded(encoding: (typeof ENCODINGS)[number], text: string): Buffer {
  switch (encoding) {
    case 'utf8':
      return Buffer.from(text);
    case 'utf8 bom':
      return Buffer.from(`\ufeff${text}`);
    case 'utf16le':
      return Buffer.from(`\ufeff${text}`, 'utf16le');
    case 'utf16be':
      return Buffer.from(`\ufeff${text}`, 'utf16le').swap16();
    case 'utf32':
      return iconv.encode(text, 'utf32-le', { addBOM: true });
    default:
      return iconv.encode(text, encoding);
  }
}

export function mutated(dice: Dice, bytes: Buffer): Buffer {
  const changed = Buffer.from(bytes);
  if (changed.length === 0) return changed;
  switch (dice.below(4)) {
    case 0:
      return changed.subarray(0, dice.below(changed.length));
    case 1: {
      const at = dice.below(changed.length);
      return Buffer.concat([changed.subarray(0, at), dice.bytes(30), changed.subarray(at)]);
    }
    case 2: {
      const [from, to] = [dice.below(changed.length), dice.below(changed.length)].toSorted((a, b) => a - b);
      return Buffer.concat([changed.subarray(0, to), changed.subarray(from)]);
    }
    default:
      for (let count = dice.between(1, 20); count > 0; count--)
        changed[dice.below(changed.length)] = dice.below(256);
      return changed;
  }
}

export function shaped(dice: Dice, rows: readonly (readonly string[])[]): string {
  switch (dice.below(9)) {
    case 0:
      return csv(rows, dice.pick(['\t', ';', '|', ' ', '\0', '']));
    case 1:
      return csv(rows, ',', dice.pick(['\n', '\r', '\n\n', '\u2028', '']));
    case 2:
      return `"${csv(rows)}`;
    case 3:
      return `${csv(rows)}\r\n${'"'.repeat(dice.between(1, 999))}`;
    case 4:
      return csv(rows.map((row) => [...row, ...Array.from({ length: dice.pick([1, 50, 3000]) }, () => 'x')]));
    case 5:
      return csv([...rows, ...Array.from({ length: dice.pick([10, 1500]) }, () => rows.at(-1)!)]);
    case 6:
      return csv(rows.map((row) => [...row, ...row]));
    case 7:
      return `${'題名,\r\n'.repeat(dice.pick([5, 200]))}${csv(rows)}`;
    default:
      return csv(rows.slice(dice.below(rows.length)));
  }
}

export function odd(dice: Dice): Buffer {
  return dice.pick([
    () => Buffer.alloc(0),
    () => Buffer.alloc(dice.pick([1, 5000])),
    () => Buffer.from('a'.repeat(1_500_000)),
    () => Buffer.from(','.repeat(200_000)),
    () => Buffer.from('\r\n'.repeat(50_000)),
    () => Buffer.from('%PDF-1.7'),
    () => Buffer.from('<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><html>&b;</html>'),
    () => Buffer.from('d0cf11e0a1b11ae1', 'hex'),
    () => Buffer.from('PK\x03\x04'),
    () => Buffer.from('PK\x05\x06' + '\0'.repeat(18), 'latin1'),
    () => dice.bytes(2000),
  ])();
}
