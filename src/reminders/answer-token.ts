/**
 * What the address of an answer ends with: which delivery, until when, signed. Whoever has it may answer for the
 * person the delivery went to, so it is made when the message leaves and kept nowhere.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IsoDate } from '../platform/month.js';

export interface AnswerKey {
  readonly id: number;
  readonly secret: Buffer;
}

export interface AnswerClaim {
  readonly keyId: number;
  readonly deliveryId: number;
  /** The last day on which it holds. */
  readonly expiresOn: IsoDate;
}

/** A claim as it was handed in: nobody has looked at its signature yet. */
export interface UnprovenClaim extends AnswerClaim {
  readonly payload: Buffer;
  readonly signature: Buffer;
}

export const ANSWER_PATH = '/answer/';

const FORMAT = 1;
const PAYLOAD_BYTES = 11;
/** Half of SHA-256: nobody tries 2^128 signatures. */
const SIGNATURE_BYTES = 16;
/** 27 bytes fill 36 characters to the last bit: no two texts are the same token. */
const TOKEN = /^[\w-]{36}$/;
/** What else this key might ever sign says something else here. */
const PURPOSE = 'self-report:';
const DAY_MS = 86_400_000;

/**
 * `messageId` is random and written nowhere but in the delivery's row: after a restore another delivery may get the same
 * id, and the links of the first one must not open it.
 */
export function signAnswer(
  key: AnswerKey,
  { deliveryId, expiresOn }: Omit<AnswerClaim, 'keyId'>,
  messageId: string,
): string {
  const payload = Buffer.alloc(PAYLOAD_BYTES);
  payload.writeUInt8(FORMAT, 0);
  payload.writeUInt16BE(key.id, 1);
  payload.writeUIntBE(deliveryId, 3, 6);
  payload.writeUInt16BE(Date.parse(`${expiresOn}T00:00:00Z`) / DAY_MS, 9);
  return Buffer.concat([payload, signatureOf(key.secret, payload, messageId)]).toString('base64url');
}

/** Null for what is no token of ours by its form. */
export function readAnswerToken(token: string): UnprovenClaim | null {
  if (!TOKEN.test(token)) return null;
  const bytes = Buffer.from(token, 'base64url');
  if (bytes.readUInt8(0) !== FORMAT) return null;
  return {
    keyId: bytes.readUInt16BE(1),
    deliveryId: bytes.readUIntBE(3, 6),
    expiresOn: new Date(bytes.readUInt16BE(9) * DAY_MS).toISOString().slice(0, 10),
    payload: bytes.subarray(0, PAYLOAD_BYTES),
    signature: bytes.subarray(PAYLOAD_BYTES),
  };
}

export function isProven(secret: Buffer, { payload, signature }: UnprovenClaim, messageId: string): boolean {
  return timingSafeEqual(signature, signatureOf(secret, payload, messageId));
}

function signatureOf(secret: Buffer, payload: Buffer, messageId: string): Buffer {
  const whole = createHmac('sha256', secret).update(PURPOSE).update(payload).update(messageId).digest();
  return whole.subarray(0, SIGNATURE_BYTES);
}

/** Where somebody answers. With MASK in place of the token wherever anybody but the reader of the message may look. */
export function answerUrlOf(baseUrl: string, token: string): string {
  return `${baseUrl}${ANSWER_PATH}${token}`;
}
