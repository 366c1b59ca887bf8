import { createHash } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { normalizeIP } from '@fastify/rate-limit';
import { AppError } from '../platform/errors.js';

export interface ThrottleLimits {
  /** Attempts that are answered at once. */
  readonly free: number;
  readonly windowMs: number;
  /** Further attempts are answered one after the other, this far apart. */
  readonly gapMs: number;
  /** Attempts that may wait; more are refused. */
  readonly queue: number;
}

const LIMITS: ThrottleLimits = { free: 10, windowMs: 15 * 60_000, gapMs: 1_000, queue: 10 };
/** Names are chosen by whoever attacks: this bounds the memory they can take. */
const MAX_KEYS = 10_000;

interface Attempts {
  count: number;
  waiting: number;
  readonly expiry: NodeJS.Timeout;
}

/**
 * Slows guessing at one account from one address. It never closes an account: the same person at another address is
 * not touched, and at the same address waits a second. Kept in this process only; a restart forgets it.
 */
export class SignInThrottle {
  private readonly attempts = new Map<string, Attempts>();

  constructor(private readonly limits: ThrottleLimits = LIMITS) {}

  /** Call before the password is checked: attempts that run side by side count too. Throws `too_many_attempts`. */
  async attempt(name: string, address: string): Promise<void> {
    const { free, gapMs, queue } = this.limits;
    const attempts = this.of(keyOf(name, address));
    attempts.count++;
    if (attempts.count <= free) return;
    if (attempts.waiting >= queue) {
      throw new AppError(
        'too_many_attempts',
        'rate_limited',
        'パスワードなどの誤りが続いています。1分ほど待ってから、もう一度お試しください。',
        { retryAfterSeconds: 60 },
      );
    }
    attempts.waiting++;
    await wait(attempts.waiting * gapMs, undefined, { ref: false });
    attempts.waiting--;
  }

  succeeded(name: string, address: string): void {
    this.forget(keyOf(name, address));
  }

  private of(key: string): Attempts {
    const known = this.attempts.get(key);
    if (known) return known;
    if (this.attempts.size >= MAX_KEYS) this.forget(this.attempts.keys().next().value!);
    const expiry = setTimeout(() => this.attempts.delete(key), this.limits.windowMs).unref();
    const fresh = { count: 0, waiting: 0, expiry };
    this.attempts.set(key, fresh);
    return fresh;
  }

  private forget(key: string): void {
    clearTimeout(this.attempts.get(key)?.expiry);
    this.attempts.delete(key);
  }
}

function keyOf(name: string, address: string): string {
  // Who has one IPv6 address has the 2^64 beside it too.
  return createHash('sha256')
    .update(`${normalizeIP(address)}\n${name}`)
    .digest('base64');
}
