import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { everything, scopeFrom } from '../../src/access/scope.js';
import type { TemplateText } from '../../src/reminders/template-markup.js';
import { openReminders, seedCity, type Reminders } from '../support/reminder-city.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

const NAME = 'manager-monthly';
const hr = everything('user:hr');

let database: TestDatabase;
let dataDir: string;
let city: Reminders;

beforeEach(async () => {
  database = await createTestDatabase();
  dataDir = await mkdtemp(join(tmpdir(), 'outbox-'));
  city = await openReminders(database.url, { DATA_DIR: dataDir });
});

afterEach(async () => {
  await city.close();
  await database.drop();
  await rm(dataDir, { recursive: true });
});

const sections = [
  { code: '0101', staff: 28, held: 23 },
  { code: '0102', staff: 20, held: 20 },
  { code: '0103', staff: 12, held: 6 },
];
const own = (words: string): TemplateText => ({
  subject: `${words}({{期限の月日}}まで)`,
  body: `{{所属名}} 様\n\n{{期限}}までに${words}。\n\n[ボタン: 開く]\n\n[大切なお知らせ]`,
});
const save = (words: string, more: object = {}) =>
  city.editor.save(hr, NAME, { ...own(words), reason: `${words}の理由`, ...more });
const listed = async () => (await city.editor.list(hr)).find(({ name }) => name === NAME);
const versions = async () =>
  (await city.editor.show(hr, NAME)).versions.map(({ version, inUse, shipped, waves }) =>
    [version, inUse ? 'in use' : '', shipped ? 'shipped' : '', waves].filter((word) => word !== '').join(' '),
  );

test('what ships is version 1, also before it was ever sent', async () => {
  expect(await versions()).toEqual(['1 in use shipped 0']);
  expect(await city.db.query(`SELECT FROM message_template`)).toHaveLength(0);
  expect(await listed()).toMatchObject({
    title: '所属長への月次の案内',
    version: 1,
    shipped: true,
    changed: null,
  });
});

test('a text that HR saves is a version with author, time and reason, and is what the next wave says', async () => {
  await seedCity(city.db, sections);
  const first = await city.waves.start(hr, NAME, '2022-11-09');
  expect(await save('ご案内')).toMatchObject({ version: 2 });
  expect(await versions()).toEqual(['2 in use 0', '1 shipped 1']);
  const [newest] = (await city.editor.show(hr, NAME)).versions;
  expect(newest).toMatchObject({
    choices: [{ reason: 'ご案内の理由', by: 'user:hr', at: expect.any(Date) }],
  });

  expect((await city.waves.plan(hr, NAME, '2022-11-10')).first!.subject).toBe('ご案内(11/21まで)');
  const second = await city.waves.start(hr, NAME, '2022-11-10');
  expect([first.template.version, second.template.version]).toEqual([1, 2]);

  // A wave stays as it was sent, whatever is saved later.
  await save('お知らせ');
  const subjects = await Promise.all(
    [first, second].map(async ({ id }) => {
      const { deliveries } = await city.waves.deliveries(hr, id);
      return (await city.waves.text(hr, id, deliveries[0]!.id)).subject;
    }),
  );
  expect(subjects).toEqual([
    '【11/21まで】課の全員への案内のお願い(カード取得状況 10月末)',
    'ご案内(11/21まで)',
  ]);
  expect(await versions()).toEqual(['3 in use 0', '2 1', '1 shipped 1']);
});

test('every change is on the audit record, by version and without the words', async () => {
  await save('ご案内');
  await city.editor.restore(hr, NAME, 1, '元に戻す');
  expect(
    await city.db.query(
      `SELECT actor, target, details FROM audit_event WHERE action = 'template_set' ORDER BY id`,
    ),
  ).toEqual([
    { actor: 'user:hr', target: `template:${NAME}`, details: { version: 2, before: 1 } },
    { actor: 'user:hr', target: `template:${NAME}`, details: { version: 1, before: 2 } },
  ]);
});

test('what ships can be returned to, and so can any version', async () => {
  await save('ご案内');
  expect(await city.editor.restore(hr, NAME, 1, '元に戻す')).toMatchObject({ version: 1 });
  expect(await versions()).toEqual(['2 0', '1 in use shipped 0']);
  expect(await listed()).toMatchObject({ version: 1, changed: { reason: '元に戻す' } });
  expect(await city.editor.restore(hr, NAME, 2, 'やはり')).toMatchObject({ version: 2 });
  await expect(city.editor.restore(hr, NAME, 9, 'なし')).rejects.toMatchObject({ code: 'version_not_found' });
  // The same text again is no new version.
  await save('お知らせ');
  expect(await save('ご案内')).toMatchObject({ version: 2 });
});

test('the difference is shown beside what is in use', async () => {
  await save('ご案内');
  const changed = async (version: number) => {
    const { other, difference } = await city.editor.compare(hr, NAME, version);
    return [other, difference.filter(({ kind }) => kind === 'added').map(({ text }) => text)[0]];
  };
  expect(await changed(2)).toEqual([1, '件名: ご案内({{期限の月日}}まで)']);
  expect(await changed(1)).toEqual([
    2,
    '件名: 【{{期限の月日}}まで】{{所属の区分}}の全員への案内のお願い(カード取得状況 {{基準月}})',
  ]);
});

test('a refused text changes nothing', async () => {
  await seedCity(city.db, sections);
  const refused = { ...own('必ずご案内'), body: '{{誰か}}は義務' };
  await expect(city.editor.save(hr, NAME, { ...refused, reason: 'x' })).rejects.toMatchObject({
    code: 'template_refused',
    details: {
      problems: expect.arrayContaining([
        expect.objectContaining({ part: 'subject', line: 1, code: 'pressing' }),
        expect.objectContaining({ part: 'body', line: 1, code: 'unknown_name' }),
        expect.objectContaining({ part: 'body', line: 1, code: 'pressing' }),
        expect.objectContaining({ code: 'missing_notice' }),
      ]),
    },
  });
  await expect(save('ご案内', { reason: ' ' })).rejects.toMatchObject({ code: 'bad_reason' });
  await expect(save('ご案内', { reason: '1234-5678-9018' })).rejects.toMatchObject({
    code: 'individual_number',
  });
  await expect(city.editor.save(hr, 'none', { ...own('x'), reason: 'x' })).rejects.toMatchObject({
    code: 'template_not_found',
  });
  expect(await city.db.query(`SELECT FROM message_template`)).toHaveLength(0);
  expect(await city.db.query(`SELECT FROM audit_event`)).toHaveLength(0);
});

test('the name of somebody who works here is refused, however it is spaced', async () => {
  await seedCity(city.db, sections);
  await city.db.query(`UPDATE staff_profile SET superseded_at = now() WHERE staff_id = 1`);
  await city.db.query(
    `INSERT INTO staff_profile (staff_id, name, recorded_at) VALUES (1, '見本　花子', now())`,
  );
  const places: [written: string, part: string, line: number | null][] = [
    ['見本花子に続いて', 'body', 2],
    ['見本 花子に続いて', 'body', 2],
    ['見 本・花　子に続いて', 'body', 2],
    ['**見本**花子に続いて', 'body', 2],
    ['見本\n花子に続いて', 'body', null],
  ];
  for (const [written, part, line] of places) {
    const text = { subject: 'お願い', body: own('申請を').body.replace('\n', `\n${written}\n`) };
    expect([written, (await city.editor.preview(hr, NAME, text)).problems]).toEqual([
      written,
      [{ code: 'naming', part, line, reason: expect.not.stringContaining('花子') }],
    ]);
  }
  expect((await city.editor.preview(hr, NAME, own('見本花子'))).problems).toMatchObject([
    { code: 'naming', part: 'subject', line: 1 },
  ]);
});

test('two who write at the same time do not undo each other', async () => {
  await save('ご案内', { basedOn: 1 });
  await expect(save('お知らせ', { basedOn: 1 })).rejects.toMatchObject({ code: 'template_changed' });
  await expect(save('ご案内')).rejects.toMatchObject({ code: 'template_unchanged' });
  const results = await Promise.allSettled([save('一', { basedOn: 2 }), save('二', { basedOn: 2 })]);
  expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
});

test('a preview shows the figures of a unit, and is no look at anybody', async () => {
  expect(await city.editor.preview(hr, NAME)).toMatchObject({
    problems: [],
    unit: null,
    message: { subject: expect.stringContaining('案内のお願い') },
  });
  await seedCity(city.db, sections);
  const { message, unit } = await city.editor.preview(hr, NAME, own('ご案内'), '0103');
  expect(unit).toEqual({ code: '0103', name: '第0103課' });
  expect(message!.text).toContain('第0103課 様');
  expect((await city.editor.preview(hr, NAME)).message!.text).toContain('82.1%(23 / 28人)');
  await expect(city.editor.preview(hr, NAME, own('ご案内'), '0102')).rejects.toMatchObject({
    code: 'unit_without_message',
  });
  for (const table of ['message_template', 'message_template_choice', 'audit_event'])
    expect(await city.db.query(`SELECT FROM ${table}`)).toHaveLength(0);
});

test('only HR of the whole organisation reads and changes what messages say', async () => {
  const { editor } = city;
  const others = [
    scopeFrom('user:a', 1, [{ role: 'hr', unitId: 1 }]),
    scopeFrom('user:b', 2, [{ role: 'manager', unitId: 1 }]),
    scopeFrom('user:c', 3, [{ role: 'auditor', unitId: null }]),
  ];
  for (const scope of others) {
    const tries = [
      editor.list(scope),
      editor.show(scope, NAME),
      editor.compare(scope, NAME, 1),
      editor.preview(scope, NAME),
      editor.save(scope, NAME, { ...own('x'), reason: 'x' }),
      editor.restore(scope, NAME, 1, 'x'),
    ];
    for (const tried of await Promise.allSettled(tries))
      expect(tried).toMatchObject({ status: 'rejected', reason: { kind: 'forbidden' } });
  }
});

test('a choice cannot be rewritten', async () => {
  await save('ご案内');
  await expect(city.db.query(`UPDATE message_template_choice SET reason = 'x'`)).rejects.toThrow(
    /append-only/,
  );
  await expect(city.db.query(`DELETE FROM message_template_choice`)).rejects.toThrow(/append-only/);
});
