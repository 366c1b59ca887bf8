import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { createTransport } from 'nodemailer';
import { isPlainAddress, readMailbox, withoutAddress } from '../../../src/reminders/mail-address.js';
import { composeMail } from '../../../src/reminders/mail-composer.js';
import { SendFailure } from '../../../src/reminders/message-sender.js';

const from = { name: '人事課', address: 'jinji@city.example.jp' };
const writer = createTransport({ streamTransport: true, buffer: true });

async function envelopeOf(to: string) {
  const message = {
    deliveryId: 1,
    messageId: '<1@example.jp>',
    waveName: 'w',
    subject: 's',
    text: 't',
    html: '<p>t</p>',
  };
  const sent = await writer.sendMail(composeMail({ ...message, to, date: new Date(0) }, from));
  return { envelope: sent.envelope.to, header: String(sent.message).split(/\r?\n\r?\n/)[0]! };
}

describe('an address', () => {
  test.each([
    'hanako@example.jp',
    'kacho..x@docomo.example.jp',
    "o'hara+x@city.kanazawa.lg.example.jp",
    'a@localhost',
  ])('%s is one plain address', (address) => expect(isPlainAddress(address)).toBe(true));

  test.each([
    '',
    'hanako',
    '@example.jp',
    'a@b@example.jp',
    'a@0',
    'a@192.0.2.1',
    'a@example.jp\r\nBcc: b@example.jp',
    'a@example.jp\n',
    'a@example.jp, b@example.jp',
    'a@example.jp;b@example.jp',
    '花子 <a@example.jp>',
    '"a b"@example.jp',
    'group: a@example.jp;',
    'a @example.jp',
    'a@exa mple.jp',
    'a@example.jp ',
    '花子@example.jp',
    'a@例え.jp',
    'a@-example.jp',
    'a@[192.0.2.1]',
    `${'a'.repeat(65)}@example.jp`,
    `a@${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(63)}.${'e'.repeat(63)}`,
  ])('%j is not', (text) => expect(isPlainAddress(text)).toBe(false));

  test('whatever is written in its place, a message reaches exactly that one recipient or nobody', async () => {
    const piece = fc.constantFrom(
      'a',
      'b@example.jp',
      '@',
      '\r\n',
      '\n',
      'Bcc: ',
      ',',
      ';',
      ':',
      '<',
      '>',
      '"',
      '(',
      ')',
      ' ',
      '.',
      '\0',
      '\\',
    );
    const text = fc.oneof(
      fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join('')),
      fc.emailAddress(),
      fc.string(),
    );
    await fc.assert(
      fc.asyncProperty(text, async (to) => {
        try {
          const { envelope, header } = await envelopeOf(to);
          // A dot at an end of the local part, as old mobile addresses have, is quoted: the same mailbox.
          const unquoted = envelope.map((address) => address.replace(/^"(.*)"@/, '$1@'));
          expect(unquoted).toEqual([to.replace(/@.*/, (domain) => domain.toLowerCase())]);
          expect(header).not.toMatch(/^bcc:/im);
        } catch (error) {
          expect(error).toBeInstanceOf(SendFailure);
          expect(error).toHaveProperty('kind', 'refused');
        }
      }),
      { numRuns: 500, examples: [['.@a'], ['kacho.@docomo.example.jp']] },
    );
  });
});

describe('the sender', () => {
  test('is an address, with a display name or without', () => {
    expect(readMailbox('jinji@example.jp')).toEqual({ name: '', address: 'jinji@example.jp' });
    expect(readMailbox('金沢市 人事課 <jinji@example.jp>')).toEqual({
      name: '金沢市 人事課',
      address: 'jinji@example.jp',
    });
    expect(readMailbox('"HR" <jinji@example.jp>')).toEqual({ name: 'HR', address: 'jinji@example.jp' });
  });

  test.each([
    '',
    '人事課',
    '人事課 <jinji>',
    'a@example.jp, b@example.jp',
    'x\r\nBcc: b@example.jp <a@example.jp>',
  ])('%j is refused', (text) => expect(readMailbox(text)).toBeNull());
});

test("a server's reason is kept without the address it names", () => {
  const reason = withoutAddress(
    '550 5.1.1 <hanako@example.jp>: Recipient rejected:\r\n user hanako unknown',
    'hanako@example.jp',
  );
  expect(reason).toBe('550 5.1.1 <(宛先)>: Recipient rejected: user (宛先) unknown');
  expect(withoutAddress('550 see admin@example.jp', 'x@example.jp')).toBe('550 see (宛先)');
});
