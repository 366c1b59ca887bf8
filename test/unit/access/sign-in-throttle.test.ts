import { describe, expect, test } from '@jest/globals';
import { SignInThrottle } from '../../../src/access/sign-in-throttle.js';

const LIMITS = { free: 3, windowMs: 60_000, gapMs: 200, queue: 2 };
/** Milliseconds; below it an answer did not wait. */
const FAST = 150;

async function timeOf(attempt: Promise<void>): Promise<number> {
  const start = performance.now();
  await attempt;
  return performance.now() - start;
}

async function guess(throttle: SignInThrottle, times: number): Promise<void> {
  for (let n = 0; n < times; n++) await throttle.attempt('hanako', '192.0.2.1');
}

describe('guessing at an account', () => {
  test('is slowed down after the free attempts', async () => {
    const throttle = new SignInThrottle(LIMITS);
    expect(await timeOf(guess(throttle, 3))).toBeLessThan(FAST);
    expect(await timeOf(guess(throttle, 1))).toBeGreaterThan(FAST);
  });

  test('is not faster when done side by side', async () => {
    const throttle = new SignInThrottle(LIMITS);
    const attempts = await Promise.allSettled(
      Array.from({ length: 8 }, () => throttle.attempt('hanako', '192.0.2.1')),
    );
    const refused = attempts.filter((attempt) => attempt.status === 'rejected');
    expect(refused).toHaveLength(3);
    expect(refused[0]!.reason).toMatchObject({ code: 'too_many_attempts', kind: 'rate_limited' });
  });

  test('leaves the person at another address alone, and other people at the same address', async () => {
    const throttle = new SignInThrottle(LIMITS);
    await guess(throttle, 4);
    expect(await timeOf(throttle.attempt('hanako', '192.0.2.2'))).toBeLessThan(FAST);
    expect(await timeOf(throttle.attempt('taro', '192.0.2.1'))).toBeLessThan(FAST);
  });

  test('is forgotten after a sign-in, and after the window', async () => {
    const throttle = new SignInThrottle({ ...LIMITS, windowMs: 400 });
    await guess(throttle, 4);
    throttle.succeeded('hanako', '192.0.2.1');
    expect(await timeOf(guess(throttle, 3))).toBeLessThan(FAST);
    await new Promise((resolve) => setTimeout(resolve, 450));
    expect(await timeOf(guess(throttle, 3))).toBeLessThan(FAST);
  });
});
