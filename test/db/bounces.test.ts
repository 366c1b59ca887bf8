import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { everything, scopeFrom } from '../../src/access/scope.js';
import { startMailServer, type MailServer } from '../support/mail-server.js';
import { manySections, openReminders, seedCity, statesOf, type Reminders } from '../support/reminder-city.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

const hr = everything('test');

let database: TestDatabase;
let server: MailServer;
let reminders: Reminders;
let folder: string;
let wave: number;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bounces-'));
  database = await createTestDatabase();
  server = await startMailServer();
  reminders = await openReminders(database.url, { SMTP_URL: server.url });
  await seedCity(reminders.db, manySections(6));
  ({ id: wave } = await reminders.waves.start(hr, 'manager-monthly', '2022-11-10'));
});

afterEach(async () => {
  await reminders.close();
  await server.close();
  await database.drop();
  rmSync(folder, { recursive: true });
});

const idOf = (recipient: string) =>
  server.received.find(({ to }) => to[0] === recipient)!.mail.messageId as string;

/** As Postfix writes it; the message comes back whole, or its headers alone. */
function notice(
  recipient: string,
  { action = 'failed', original = 'message/rfc822', id = idOf(recipient) } = {},
) {
  return [
    'From: MAILER-DAEMON@mail.example.jp (Mail Delivery System)',
    'To: jinji@example.jp',
    'Subject: Undelivered Mail Returned to Sender',
    'MIME-Version: 1.0',
    'Content-Type: multipart/report; report-type=delivery-status;',
    '\tboundary="9B5C.1668042000/mail.example.jp"',
    '',
    '--9B5C.1668042000/mail.example.jp',
    'Content-Type: text/plain; charset=us-ascii',
    '',
    'This is the mail system at host mail.example.jp.',
    '',
    '--9B5C.1668042000/mail.example.jp',
    'Content-Type: message/delivery-status',
    '',
    'Reporting-MTA: dns; mail.example.jp',
    '',
    `Final-Recipient: rfc822; ${recipient}`,
    `Action: ${action}`,
    'Status: 5.1.1',
    `Diagnostic-Code: smtp; 550 5.1.1 <${recipient}>: Recipient address`,
    '    rejected: User unknown',
    '',
    '--9B5C.1668042000/mail.example.jp',
    `Content-Type: ${original}`,
    '',
    'From: jinji@example.jp',
    `To: ${recipient}`,
    `Message-ID: ${id}`,
    '',
    '--9B5C.1668042000/mail.example.jp--',
    '',
  ].join('\n');
}

const answer =
  'From: m1001@example.jp\nTo: jinji@example.jp\nSubject: Re\nIn-Reply-To: <x@example.jp>\n\nThanks\n';
const mbox = (...mails: string[]) =>
  mails.map((mail) => `From MAILER-DAEMON Thu Nov 10 10:00:00 2022\n${mail}\n`).join('');

test('an mbox file: what came back is marked with the reason, once, and everything else is passed over', async () => {
  const path = join(folder, 'mbox');
  writeFileSync(
    path,
    mbox(
      notice('m1001@example.jp'),
      answer,
      notice('m1002@example.jp', { original: 'text/rfc822-headers' }),
      notice('m1003@example.jp', { action: 'delayed' }),
      notice('m1004@example.jp', { id: '<somebody-elses@example.jp>' }),
    ),
  );
  const reading = await reminders.bounces.read(hr, path);
  expect(reading).toEqual({ mails: 5, bounced: 2, known: 1, others: 2 });
  expect(await statesOf(reminders.db)).toEqual({ bounced: 2, sent: 4 });
  const { reasons } = await reminders.waves.summary(hr, wave);
  expect(reasons).toMatchObject([
    {
      state: 'bounced',
      reason: '550 5.1.1 <(宛先)>: Recipient address rejected: User unknown',
      count: 2,
    },
  ]);
  expect(await reminders.bounces.read(hr, path)).toEqual({ mails: 5, bounced: 0, known: 3, others: 2 });
});

test('a Maildir, a single mail and a pipe', async () => {
  for (const place of ['new', 'cur', 'tmp']) mkdirSync(join(folder, place));
  writeFileSync(join(folder, 'new', '1'), notice('m1001@example.jp'));
  writeFileSync(join(folder, 'cur', '2:2,S'), notice('m1002@example.jp').replaceAll('\n', '\r\n'));
  writeFileSync(join(folder, 'tmp', '3'), notice('m1003@example.jp'));
  expect(await reminders.bounces.read(hr, folder)).toMatchObject({ mails: 2, bounced: 2 });
  const single = join(folder, 'mail.eml');
  writeFileSync(single, notice('m1003@example.jp'));
  expect(await reminders.bounces.read(hr, single)).toMatchObject({ mails: 1, bounced: 1 });
  const piped = Readable.from([Buffer.from(notice('m1004@example.jp'))]);
  expect(await reminders.bounces.read(hr, piped)).toMatchObject({ mails: 1, bounced: 1 });
  expect(await statesOf(reminders.db)).toEqual({ bounced: 4, sent: 2 });
});

test('a delivery nobody knew about has arrived at a server when it comes back', async () => {
  await reminders.db.query(`UPDATE delivery SET state = 'unknown' WHERE address = 'm1001@example.jp'`);
  await reminders.bounces.read(hr, Readable.from([Buffer.from(notice('m1001@example.jp'))]));
  expect(await statesOf(reminders.db)).toEqual({ bounced: 1, sent: 5 });
});

test('mail that the parser never gives an answer to keeps nobody from reading what comes after it', async () => {
  const part = '--b\nContent-Type: message/rfc822\n\nA: b\n\n';
  const parts = `Content-Type: multipart/mixed; boundary="b"\n\n${part.repeat(1_001)}`;
  const piped = Readable.from([Buffer.from(mbox(parts, notice('m1001@example.jp')))]);
  expect(await reminders.bounces.read(hr, piped)).toMatchObject({ mails: 2, bounced: 1, others: 1 });
});

test('garbage, large mail and files that are not there do no harm', async () => {
  const garbage = [
    'From \n\n\nFrom \n',
    'Content-Type: multipart/report; boundary="x"\n\n--x\nContent-Type: message/delivery-status\n\n\0\xff\n',
    `Subject: large\n\n${'x'.repeat(80)}\n`.repeat(70_000),
  ];
  for (const mail of garbage)
    expect(await reminders.bounces.read(hr, Readable.from([Buffer.from(mail, 'latin1')]))).toMatchObject({
      bounced: 0,
    });
  await expect(reminders.bounces.read(hr, join(folder, 'none'))).rejects.toMatchObject({ kind: 'not_found' });
  const auditor = scopeFrom('someone', 2, [{ role: 'auditor', unitId: null }]);
  await expect(reminders.bounces.read(auditor, folder)).rejects.toMatchObject({ kind: 'forbidden' });
});
