import { describe, expect, test } from '@jest/globals';
import { localPath } from '../../../src/web/local-path.js';

describe('after sign-in', () => {
  test.each(['/', '/units/0101?asOf=2022-10-31', '/reports'])('the person goes on to %s', (next) => {
    expect(localPath(next)).toBe(next);
  });

  test.each([
    undefined,
    '',
    'units',
    'https://example.jp/',
    '//example.jp/',
    '/\\example.jp',
    '\\\\example.jp',
    '/\t/example.jp',
    '/..//example.jp',
    '/.//example.jp',
    'javascript:alert(1)',
    ' //example.jp',
    '/sign-in?next=/sign-in',
    '/sign-out',
  ])('a link that says %j leads to the start page', (next) => {
    expect(localPath(next)).toBe('/');
  });
});
