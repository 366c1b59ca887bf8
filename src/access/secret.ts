import { createHash, randomBytes } from 'node:crypto';

/** 256 bits, in characters that need no escaping anywhere. */
export function randomSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** What is kept of a secret that is too long to be guessed: no salt and no slow hash are needed. */
export function hashOfSecret(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
