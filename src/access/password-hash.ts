import { hash, verify } from '@node-rs/argon2';
import { normalisePassword } from './password-policy.js';

/** argon2id (the library's default kind) with OWASP's first choice for it: 19 MiB, two passes, one lane. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

export function hashPassword(password: string): Promise<string> {
  return hash(normalisePassword(password), COST);
}

export function verifyPassword(passwordHash: string, password: string): Promise<boolean> {
  return verify(passwordHash, normalisePassword(password));
}

let decoy: Promise<string> | undefined;

/** A hash that no password fits, checked for unknown names so that they take as long as known ones. */
export function decoyHash(): Promise<string> {
  decoy ??= hashPassword(crypto.randomUUID());
  return decoy;
}
