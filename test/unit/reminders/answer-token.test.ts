import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { isProven, readAnswerToken, signAnswer } from '../../../src/reminders/answer-token.js';

const key = { id: 3, secret: randomBytes(32) };
const claim = { deliveryId: 281_474_976_710_655, expiresOn: '2022-12-19' };
const MESSAGE = '<a-b-c@example.jp>';
const token = signAnswer(key, claim, MESSAGE);
const accepted = (text: string, message = MESSAGE, secret = key.secret) => {
  const read = readAnswerToken(text);
  return read !== null && isProven(secret, read, message);
};
const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

test('a link says which delivery it is of and until when, to whoever holds it against the key', () => {
  expect(token).toMatch(/^[\w-]{36}$/);
  expect(readAnswerToken(token)).toMatchObject({ keyId: 3, ...claim });
  expect(accepted(token)).toBe(true);
});

describe('nothing else is that link', () => {
  test('with any other character in any place', () => {
    for (let at = 0; at < token.length; at++) {
      for (const character of BASE64URL) {
        if (character === token[at]) continue;
        expect(accepted(token.slice(0, at) + character + token.slice(at + 1))).toBe(false);
      }
    }
  });

  test('with any bit of its bytes turned over', () => {
    const bytes = Buffer.from(token, 'base64url');
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const turned = Buffer.from(bytes);
      turned[bit >> 3]! ^= 1 << (bit & 7);
      expect(accepted(turned.toString('base64url'))).toBe(false);
    }
  });

  test('written in another way, shorter or longer', () => {
    const others = [
      '',
      token.slice(1),
      token.slice(0, -1),
      `${token}A`,
      `${token}=`,
      `${token}\n`,
      ` ${token}`,
      token.replaceAll('-', '+').replaceAll('_', '/') + '=',
      token.replace(/^A/, 'Ａ'),
    ];
    for (const other of others) expect(accepted(other)).toBe(false);
  });

  test('with the signature of another delivery, another message or another key', () => {
    const other = signAnswer(key, { ...claim, deliveryId: claim.deliveryId - 1 }, MESSAGE);
    expect(accepted(other.slice(0, 15) + token.slice(15))).toBe(false);
    expect(accepted(token, '<another@example.jp>')).toBe(false);
    expect(accepted(token, MESSAGE, randomBytes(32))).toBe(false);
  });
});
