import type { Dice } from '../dice.js';
import { isPassword, numberIn, percent, valueFor, type Draft } from './draft.js';
import { individualNumber } from './numbers.js';
import { fieldName } from './texts.js';

export type Body = { readonly body?: Buffer; readonly headers: Record<string, string> };
const JSON_TYPE = { 'content-type': 'application/json' };
const FORM_TYPE = { 'content-type': 'application/x-www-form-urlencoded' };

/** A body of any kind, with the content type it has or pretends to have. */
export function bodyOf(dice: Dice, method: string, draft: Draft): Body {
  const kind = dice.weighted({
    json: 5,
    form: 5,
    anyJson: 1,
    deep: 0.3,
    prototype: 0.5,
    broken: 0.8,
    big: 0.05,
    lie: 0.8,
    multipart: 0.5,
    none: 1,
  });
  draft.parts.push(kind);
  const isRead = ['POST', 'PUT', 'PATCH', 'DELETE'].includes(method);
  switch (kind) {
    case 'json':
      return { body: Buffer.from(JSON.stringify(fieldsOf(dice, draft, isRead))), headers: JSON_TYPE };
    case 'form':
      return { body: formOf(dice, draft, isRead), headers: FORM_TYPE };
    case 'anyJson':
      return { body: Buffer.from(JSON.stringify(dice.anyJson())), headers: JSON_TYPE };
    case 'deep':
      return { body: deep(dice), headers: JSON_TYPE };
    case 'prototype':
      return { body: Buffer.from(dice.pick(PROTOTYPES)), headers: JSON_TYPE };
    case 'broken':
      return { body: broken(dice, draft), headers: dice.pick([JSON_TYPE, FORM_TYPE]) };
    case 'big':
      return {
        body: Buffer.from(JSON.stringify({ name: 'a'.repeat(dice.pick([999_000, 1_000_100, 3_000_000])) })),
        headers: JSON_TYPE,
      };
    case 'lie':
      return { body: Buffer.from(JSON.stringify(fieldsOf(dice, draft, false))), headers: lie(dice) };
    case 'multipart':
      return {
        body: Buffer.from(
          `--b\r\nContent-Disposition: form-data; name="${dice.pick(['_csrf', 'name', 'file'])}"\r\n\r\nx\r\n--b--\r\n`,
        ),
        headers: { 'content-type': 'multipart/form-data; boundary=b' },
      };
    default:
      return { headers: dice.pick([{}, JSON_TYPE, FORM_TYPE]) };
  }
}

function fieldsOf(dice: Dice, draft: Draft, isRead: boolean): Record<string, unknown> {
  const fields = new Map<string, unknown>();
  for (let count = dice.between(1, 8); count > 0; count--) {
    const name = dice.chance(0.04) ? numberIn(dice, draft, isRead) : fieldName(dice);
    // A second value would only take the place of the first.
    if (!fields.has(name)) fields.set(name, jsonValue(dice, name, draft, isRead && !isPassword(name)));
  }
  return Object.fromEntries(fields);
}

const ODD_VALUES = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  1e308,
  Number.MAX_SAFE_INTEGER + 2,
  [],
  {},
  [[]],
  [null],
  '',
];

function jsonValue(dice: Dice, name: string, draft: Draft, isRead: boolean): unknown {
  switch (dice.weighted({ text: 12, odd: 2, list: 1, object: 1, number: 0.5 })) {
    case 'odd':
      return dice.pick(ODD_VALUES);
    case 'list':
      return dice.times(0, 3, () => valueFor(dice, name, draft, isRead));
    case 'object':
      return { [fieldName(dice)]: valueFor(dice, name, draft, false) };
    case 'number': {
      // As a number, a leading zero would be lost, and with it the number.
      const number = individualNumber(dice);
      if (number.startsWith('0')) return 0;
      draft.numbers.push(number);
      draft.mustRefuse ||= isRead;
      return Number(number);
    }
    default:
      return valueFor(dice, name, draft, isRead);
  }
}

function formOf(dice: Dice, draft: Draft, isRead: boolean): Buffer {
  const pairs = dice.times(1, dice.chance(0.01) ? 2000 : 8, () => {
    const name = fieldName(dice);
    return `${percent(name)}=${percent(valueFor(dice, name, draft, isRead && !isPassword(name)))}`;
  });
  return Buffer.from(pairs.join('&'));
}

function deep(dice: Dice): Buffer {
  const depth = dice.pick([10, 21, 1000, 100_000]);
  return dice.chance(0.5)
    ? Buffer.from('['.repeat(depth) + ']'.repeat(depth))
    : Buffer.from('{"a":'.repeat(depth) + '1' + '}'.repeat(depth));
}

const PROTOTYPES = [
  '{"__proto__":{"isAdmin":true}}',
  '{"constructor":{"prototype":{"isAdmin":true}}}',
  '{"name":{"__proto__":{"length":1}}}',
  '{"toString":"x","valueOf":1,"hasOwnProperty":null}',
  '{"name":"a","name":"b"}',
  '{"length":1e9,"0":"a"}',
  '[{"__proto__":[]}]',
  '"__proto__"',
];

function broken(dice: Dice, draft: Draft): Buffer {
  const whole = Buffer.from(JSON.stringify(fieldsOf(dice, draft, false)));
  switch (dice.below(5)) {
    case 0:
      return whole.subarray(0, dice.below(whole.length));
    case 1:
      return Buffer.concat([whole, dice.bytes(20)]);
    case 2:
      return Buffer.from(
        dice.pick(['{"name":"\\ud800"}', '{"name":"\\u0000"}', '{"a":1e999}', '{"a":-}', '\ufeff{}']),
      );
    case 3: {
      const flipped = Buffer.from(whole);
      for (let count = dice.between(1, 6); count > 0; count--)
        flipped[dice.below(flipped.length)] = dice.below(256);
      return flipped;
    }
    default:
      return dice.bytes(300);
  }
}

const LIES = [
  'text/plain',
  'application/xml',
  'application/json; charset=utf-16',
  'application/json; charset=x',
  'application/json;',
  'APPLICATION/JSON',
  'application/problem+json',
  'application/x-www-form-urlencoded; charset=shift_jis',
  'multipart/form-data',
  `multipart/form-data; boundary=${'b'.repeat(500)}`,
  'multipart/mixed; boundary=b',
  'application/octet-stream',
  'image/png',
  ';',
  '/',
  'a/b/c',
  '*/*',
];

function lie(dice: Dice): Record<string, string> {
  const encoding: Record<string, string> = dice.chance(0.2) ? { 'content-encoding': 'gzip' } : {};
  return { 'content-type': dice.pick(LIES), ...encoding };
}
