import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { everything, scopeFrom } from '../../src/access/scope.js';
import { ChatSender } from '../../src/reminders/chat-sender.js';
import { startChatServer, type ChatServer } from '../support/chat-server.js';
import { openReminders, seedCity, statesOf, type Reminders, type Section } from '../support/reminder-city.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

const hr = everything('test');
const ON = '2022-11-10';

let database: TestDatabase;
let dataDir: string;
let chat: ChatServer;
let city: Reminders;

beforeEach(async () => {
  database = await createTestDatabase();
  dataDir = await mkdtemp(join(tmpdir(), 'outbox-'));
  chat = await startChatServer();
  await open();
});

afterEach(async () => {
  await city.close();
  await chat.close();
  await database.drop();
  await rm(dataDir, { recursive: true });
});

async function open(hosts = chat.host): Promise<void> {
  city = await openReminders(database.url, { DATA_DIR: dataDir, CHAT_WEBHOOK_HOSTS: hosts });
  city.pace.deferred = [60_000];
}

const register = (code: string, format = 'text') => city.webhooks.set(hr, code, format, chat.urlOf(code));
const start = (policy = 'manager-monthly') => city.waves.start(hr, policy, ON);
/** Sections of thirty people without a manager who could be written to, each with a chat room. */
async function rooms(...codes: string[]): Promise<void> {
  await seedCity(
    city.db,
    codes.map((code): Section => ({ code, staff: 30, held: 20, managerEmail: null })),
  );
  for (const code of codes) await register(code);
}
const pathOf = (code: string) => `/hooks/${code}/s3cr3t-token`;
const aMinuteLater = () => city.db.query('UPDATE delivery SET next_attempt_at = NULL');
const outcome = async () =>
  (await city.db.query(`SELECT state, reason FROM delivery ORDER BY id`)) as {
    state: string;
    reason: string;
  }[];

describe('a unit with a chat room', () => {
  test('and without a manager who can be written to gets the message there, as plain text about itself', async () => {
    await seedCity(city.db, [
      { code: '0101', staff: 30, held: 20, managerEmail: null, unitEmail: 'room@example.jp' },
      { code: '0102', staff: 30, held: 20 },
    ]);
    await register('0101');
    await register('0102');
    expect(await start()).toMatchObject({ state: 'finished', counts: { sent: 2 } });
    expect(chat.received).toEqual([{ path: pathOf('0101'), json: { text: expect.any(String) } }]);
    const { text } = chat.received[0]!.json as { text: string };
    expect(text).toMatch(/^【11\/21まで】課の全員への案内のお願い\(カード取得状況 10月末\)\n\n第0101課/);
    expect(text).toContain('66.7%(20 / 30人)');
    expect(text).toContain('カードの取得も、取得状況の回答も任意です。');
    expect(text).not.toMatch(/見本|example\.jp\b(?!\/units)|0101-/);
    // The other one's manager is written to by mail.
    expect(await readdir(join(dataDir, 'outbox', `manager-monthly-${ON}`))).toHaveLength(1);
  });

  test('gets it there instead of its manager where HR has said so; who has none gets mail', async () => {
    await seedCity(city.db, [
      { code: '0101', staff: 30, held: 20 },
      { code: '0102', staff: 30, held: 20, managedBy: '0101' },
      { code: '0103', staff: 30, held: 20, managedBy: '0101' },
    ]);
    await register('0101');
    await register('0102');
    await city.policies.setChannel(hr, 'manager-monthly', 'chat');
    expect(await start()).toMatchObject({ counts: { sent: 3 } });
    expect(chat.received.map(({ path }) => path).toSorted()).toEqual([pathOf('0101'), pathOf('0102')]);
    // No room hears of another unit of its manager.
    for (const { path, json } of chat.received)
      expect(
        JSON.stringify(json)
          .match(/第010.課/g)!
          .every((name) => path.includes(name.slice(1, 5))),
      ).toBe(true);
  });

  test('hears no figures of a few people: everybody there reads them', async () => {
    await seedCity(city.db, [
      { code: '0101', staff: 30, held: 28, managerEmail: null },
      { code: '0102', staff: 30, held: 20 },
    ]);
    await register('0101');
    await start();
    const { text } = chat.received[0]!.json as { text: string };
    expect(text).not.toMatch(/28|93\.3|残り2人/);
    expect(text).toContain('少ない人数が分かるため');
  });

  test('takes part in no policy about others or about persons', async () => {
    for (const policy of ['bureau-digest', 'escalation'])
      await expect(city.policies.setChannel(hr, policy, 'chat')).rejects.toMatchObject({
        code: 'channel_not_possible',
      });
    await expect(city.policies.setChannel(hr, 'thanks', 'fax')).rejects.toMatchObject({
      code: 'bad_channel',
    });
  });

  test('is told once a wave, however often that is started', async () => {
    await rooms('0101');
    await start();
    await start();
    expect(chat.received).toHaveLength(1);
  });

  test('gets a card in Teams, with nothing to read but the words and one link', async () => {
    await seedCity(city.db, [
      { code: '0101', name: '**[課](https://evil.example.jp)**', staff: 30, held: 20, managerEmail: null },
    ]);
    await register('0101', 'teams');
    await start();
    const { json } = chat.received[0]!;
    expect(json).toMatchObject({
      type: 'message',
      attachments: [
        {
          contentType: 'application/vnd.microsoft.card.adaptive',
          content: {
            type: 'AdaptiveCard',
            actions: [{ type: 'Action.OpenUrl', url: 'https://card.example.jp/units/0101' }],
          },
        },
      ],
    });
    const [{ content }] = json.attachments as { content: { body: { type: string }[] } }[] as [
      { content: { body: { type: string }[] } },
    ];
    expect(new Set(content.body.map(({ type }) => type))).toEqual(new Set(['RichTextBlock']));
    expect(JSON.stringify(content.body)).toContain('**[課](https://evil.example.jp)**');
  });

  test('whose name would call everybody or hide a link stays text', async () => {
    await seedCity(city.db, [
      {
        code: '0101',
        name: '<!channel> @here <https://x.example.jp|課> &',
        staff: 30,
        held: 20,
        managerEmail: null,
      },
    ]);
    await register('0101');
    await start();
    const { text } = chat.received[0]!.json as { text: string };
    expect(text).not.toMatch(/[<>]|(?<!\w)@/);
    expect(text).toContain('&lt;!channel&gt; \uff20here &lt;https://x.example.jp|課&gt; &amp;');
  });
});

describe('a chat service', () => {
  test.each([429, 500, 503, 408])(
    'that answers %i is asked again later, and the message arrives once',
    async (status) => {
      await rooms('0101');
      chat.answer = (_, count) => (count === 1 ? { status, body: '' } : {});
      expect(await start()).toMatchObject({ state: 'sending', counts: { queued: 1 } });
      expect((await outcome())[0]!.reason).toBe(`チャットのサーバーがいまは受け付けません(HTTP ${status})`);
      await aMinuteLater();
      expect(await start()).toMatchObject({ state: 'finished', counts: { sent: 1 } });
      expect(chat.received).toHaveLength(1);
    },
  );

  test.each([
    ['300', 300],
    ['Thu, 10 Nov 2022 01:10:00 GMT', 600],
    // Sooner than we would come back by ourselves, more than a day, or nothing that can be read.
    ['5', 60],
    ['9999999999', 86_400],
    ['soon', 60],
  ])('that asks to be left alone (Retry-After: %s) is, for %i seconds', async (retryAfter, seconds) => {
    await rooms('0101');
    const headers = { 'Retry-After': retryAfter, Date: 'Thu, 10 Nov 2022 01:00:00 GMT' };
    chat.answer = () => ({ status: 429, body: '', headers });
    await start();
    const [{ wait }]: [{ wait: number }] = await city.db.query(
      'SELECT extract(epoch FROM next_attempt_at - now())::int AS wait FROM delivery',
    );
    expect(Math.abs(wait - seconds)).toBeLessThan(20);
  });

  test.each([
    [404, 'no_service', 'HTTP 404 no_service'],
    [400, 'invalid_payload', 'HTTP 400 invalid_payload'],
    [410, '<html>http://127.0.0.1/hooks/s3cr3t-token</html>', 'HTTP 410'],
  ])('that answers %i %s is believed: it has failed, and the others go on', async (status, body, answer) => {
    await rooms('0101', '0102');
    chat.answer = (path) => (path === pathOf('0101') ? { status, body } : {});
    expect(await start()).toMatchObject({ state: 'finished', counts: { sent: 1, failed: 1 } });
    expect(await outcome()).toContainEqual({
      state: 'failed',
      reason: `チャットのサーバーが受け付けませんでした(${answer})`,
    });
  });

  test('that sends elsewhere is not followed', async () => {
    await rooms('0101');
    chat.answer = (path) =>
      path === pathOf('0101') ? { status: 307, headers: { Location: `http://${chat.host}/elsewhere` } } : {};
    expect(await start()).toMatchObject({ counts: { failed: 1 } });
    expect(chat.received).toEqual([]);
  });

  test('that cuts after the message has arrived leaves it unknown, and it is not sent again', async () => {
    await rooms('0101');
    chat.answer = () => ({ cut: 'before-answer' });
    expect(await start()).toMatchObject({ counts: { unknown: 1 } });
    chat.answer = () => ({});
    expect(await start()).toMatchObject({ counts: { unknown: 1 } });
    expect(chat.received).toHaveLength(1);
  });

  test('whose status has arrived has answered, whatever becomes of the rest', async () => {
    await rooms('0101');
    chat.answer = () => ({ cut: 'within-answer' });
    expect(await start()).toMatchObject({ counts: { sent: 1 } });
  });

  test('that is slow is waited for', async () => {
    await rooms('0101');
    chat.answer = () => ({ delayMs: 700 });
    expect(await start()).toMatchObject({ counts: { sent: 1 } });
  });

  test('that takes longer than it may has perhaps taken the message: unknown', async () => {
    chat.answer = () => ({ delayMs: 2000 });
    const webhook = { format: 'text' as const, url: chat.urlOf('0101') };
    const sender = new ChatSender(async () => webhook, [chat.host], 200);
    const sent = sender.send({
      deliveryId: 1,
      messageId: '<1@example.jp>',
      waveName: 'manager-monthly-2022-11-10',
      to: 'chat:1',
      subject: '件名',
      text: '本文',
      html: '',
      date: new Date(),
    });
    await expect(sent).rejects.toMatchObject({ kind: 'unknown' });
    expect(chat.received).toHaveLength(1);
  });

  test('that is not there stops nobody else, and has failed after the last attempt', async () => {
    await seedCity(city.db, [
      { code: '0101', staff: 30, held: 20, managerEmail: null },
      { code: '0102', staff: 30, held: 20 },
    ]);
    await city.close();
    await open(`${chat.host},127.0.0.1:9`);
    city.pace.deferred = [];
    await city.webhooks.set(hr, '0101', 'text', 'http://127.0.0.1:9/hooks/s3cr3t-token');
    expect(await start()).toMatchObject({ state: 'finished', counts: { sent: 1, failed: 1 } });
    expect((await outcome()).map(({ reason }) => reason)).toContain(
      'チャットのサーバーに接続できません(ECONNREFUSED)',
    );
  });
});

describe('an address', () => {
  beforeEach(() => seedCity(city.db, [{ code: '0101', staff: 30, held: 20, managerEmail: null }]));

  test.each<[string, string]>([
    ['of a host that nobody has named', 'https://192.168.0.1/hooks/x'],
    ['of this machine on another port', 'http://127.0.0.1:1/hooks/x'],
    ['without TLS', 'http://hooks.example.jp/x'],
    ['with a password', 'https://a:b@hooks.example.jp/x'],
    ['with a host that only looks like it', 'https://hooks.example.jp.evil.example/x'],
    ['that hides the host behind another', 'https://evil.example/hooks.example.jp'],
    ['of a file', 'file:///etc/passwd'],
    ['that is none', 's3cr3t'],
    ['with an individual number', 'https://hooks.example.jp/123456789018'],
  ])('%s is refused and not repeated', async (_, url) => {
    await city.close();
    await open('hooks.example.jp');
    const refusal = await city.webhooks.set(hr, '0101', 'text', url).catch((error: Error) => error);
    expect(refusal).toMatchObject({ code: expect.stringMatching(/^(bad_webhook|individual_number)$/) });
    expect((refusal as Error).message).not.toContain(url);
    expect(await city.db.query('SELECT FROM unit_webhook')).toHaveLength(0);
  });

  test('is a secret: no list, record, delivery or preview shows it, and what is replaced is forgotten', async () => {
    await register('0101');
    await city.webhooks.set(hr, '0101', 'teams', chat.urlOf('0101').replace('s3cr3t', 'newer-s3cr3t'));
    await city.webhooks.tryOut(hr, '0101');
    const { id } = await start();
    const { deliveries } = await city.waves.deliveries(hr, id);
    const seen = [
      await city.webhooks.list(hr),
      await city.db.query('SELECT * FROM audit_event'),
      await city.db.query('SELECT address, context, reason FROM delivery'),
      await city.waves.message(hr, id, deliveries[0]!.id),
      await city.waves.plan(hr, 'manager-monthly', '2022-11-11'),
    ];
    expect(JSON.stringify(seen)).not.toContain('s3cr3t');
    expect(deliveries).toMatchObject([{ recipient: '所属のチャット', channel: 'chat', state: 'sent' }]);
    expect(chat.received).toHaveLength(2);
    expect(
      JSON.stringify(await city.db.query('SELECT * FROM unit_webhook WHERE ended_at IS NOT NULL')),
    ).not.toContain('s3cr3t');
    expect(
      await city.db.query(`SELECT action, target FROM audit_event WHERE action LIKE 'webhook%' ORDER BY id`),
    ).toEqual([
      { action: 'webhook_set', target: 'unit:0101' },
      { action: 'webhook_set', target: 'unit:0101' },
      { action: 'webhook_tested', target: 'unit:0101' },
    ]);
  });

  test('that is taken back gets nothing any more, also of a wave that has begun', async () => {
    await register('0101');
    chat.answer = () => ({ status: 503 });
    await start();
    await city.webhooks.remove(hr, '0101');
    chat.answer = () => ({});
    await aMinuteLater();
    expect(await start()).toMatchObject({ counts: { failed: 1 } });
    expect(chat.received).toEqual([]);
    await expect(city.webhooks.remove(hr, '0101')).rejects.toMatchObject({ code: 'webhook_not_found' });
  });

  test('whose host is not named any more is as if it were not there', async () => {
    await register('0101');
    await city.close();
    await open('hooks.example.jp');
    expect(await start()).toMatchObject({ counts: { sent: 0, suppressed: 1 } });
    expect(chat.received).toEqual([]);
    expect(await statesOf(city.db)).toEqual({ suppressed: 1 });
  });

  test('is for HR of the whole organisation', async () => {
    const part = scopeFrom('part', 1, [{ role: 'hr', unitId: 1 }]);
    await expect(city.webhooks.set(part, '0101', 'text', chat.urlOf('0101'))).rejects.toMatchObject({
      code: 'whole_organisation_only',
    });
    await expect(city.webhooks.list(part)).rejects.toMatchObject({ code: 'whole_organisation_only' });
    await expect(city.webhooks.set(hr, '9999', 'text', chat.urlOf('9999'))).rejects.toMatchObject({
      code: 'unit_not_found',
    });
  });
});
