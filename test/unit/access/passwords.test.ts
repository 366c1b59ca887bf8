import { describe, expect, test } from '@jest/globals';
import { accountName } from '../../../src/access/account-name.js';
import { hashPassword, verifyPassword } from '../../../src/access/password-hash.js';
import { assertAcceptablePassword, randomOneTimePassword } from '../../../src/access/password-policy.js';

describe('a new password', () => {
  test.each([
    ['shorter than 12 characters', 'kaze-to-umi', 'password_too_short'],
    ['of 12 bytes but 4 characters', '見本花子', 'password_too_short'],
    ['longer than 200 characters', 'kaze-to-umi-'.repeat(17), 'password_too_long'],
    ['holding an individual number', 'my-123456789018-pw', 'individual_number'],
    ['holding one in full width, with spaces', 'わたしの １２３４　５６７８　９０１８', 'individual_number'],
    ['that is the account name', 'ＨＡＮＡＫＯ．ＭＩＨＯＮ', 'password_is_account_name'],
    ['that is the account name and a year', 'hanako.mihon2022!', 'password_is_account_name'],
    ['that everybody would try', 'Password1234', 'password_too_common'],
    ['of few different characters', 'abababababab', 'password_too_common'],
    ['that repeats itself', 'umi7umi7umi7', 'password_too_common'],
    ['that is a common word in disguise', 'P@ssw0rd!2022', 'password_too_common'],
    ['of two common words', 'sakura-tokyo-2022', 'password_too_common'],
    ['that walks over the keyboard', '1qaz2wsx3edc', 'password_too_common'],
    ['that walks back', 'poiuytrewq09', 'password_too_common'],
    ['of digits alone', '031-4159-2653', 'password_too_common'],
    ['that is what the city is talking about', 'MyNumberCard1', 'password_too_common'],
  ])('%s is refused', (_, password, code) => {
    const attempt = () => assertAcceptablePassword(password, 'hanako.mihon');
    expect(attempt).toThrow(expect.objectContaining({ code, kind: 'refused' }));
    expect(attempt).not.toThrow(password);
  });

  test.each(['kaze-to-umi-7', '山と川と海と空と風と森', 'correct horse battery'])(
    '%s is accepted',
    (password) => {
      expect(() => assertAcceptablePassword(password.padEnd(12, '。'), 'hanako.mihon')).not.toThrow();
    },
  );

  test('may begin with a short account name', () => {
    expect(() => assertAcceptablePassword('leader-kaze-to-umi', 'leader')).not.toThrow();
  });
});

describe('a one-time password', () => {
  test('keeps the rules for passwords and has no letters that look alike', () => {
    const made = Array.from({ length: 500 }, randomOneTimePassword);
    for (const password of made) {
      expect(password).toMatch(/^([a-hj-km-np-z2-9]{4}-){3}[a-hj-km-np-z2-9]{4}$/);
      expect(() => assertAcceptablePassword(password, 'admin')).not.toThrow();
    }
    expect(new Set(made).size).toBe(made.length);
  });
});

describe('a stored password', () => {
  test('is an argon2id hash of its own each time, and fits the password in any width', async () => {
    const first = await hashPassword('kaze-to-umi-7');
    expect(first).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(await hashPassword('kaze-to-umi-7')).not.toBe(first);
    expect(await verifyPassword(first, 'kaze-to-umi-7')).toBe(true);
    expect(await verifyPassword(first, 'ｋａｚｅ－ｔｏ－ｕｍｉ－７')).toBe(true);
    expect(await verifyPassword(first, 'kaze-to-umi-8')).toBe(false);
  });
});

describe('an account name', () => {
  test('is the same in any width and case', () => {
    expect(accountName('　Ｈａｎａｋｏ．Ｍｉｈｏｎ ')).toBe('hanako.mihon');
  });

  test('may be Japanese or an address', () => {
    expect(accountName('見本花子')).toBe('見本花子');
    expect(accountName('hanako@example.jp')).toBe('hanako@example.jp');
  });

  test.each(['', '   ', 'two words', 'cli:root', '../admin', '<b>', 'a'.repeat(65), 'line\nbreak'])(
    'is not %j',
    (text) => {
      expect(() => accountName(text)).toThrow(expect.objectContaining({ code: 'bad_account_name' }));
    },
  );

  test('is not an individual number', () => {
    expect(() => accountName('1234-5678-9018')).toThrow(
      expect.objectContaining({ code: 'individual_number' }),
    );
  });
});
