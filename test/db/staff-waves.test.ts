import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { simpleParser } from 'mailparser';
import { everything, scopeFrom } from '../../src/access/scope.js';
import type { CardStatus } from '../../src/ledger/card-status.js';
import { CardEventService } from '../../src/ledger/card-event.service.js';
import { ExceptionService } from '../../src/ledger/exception.service.js';
import { addDays } from '../../src/platform/month.js';
import { policyNamed } from '../../src/reminders/policy.js';
import { PolicyService } from '../../src/reminders/policy.service.js';
import { sendingDayFrom } from '../../src/reminders/sending-times.js';
import { TemplateEditorService } from '../../src/reminders/template-editor.service.js';
import { WaveControl } from '../../src/reminders/wave-control.service.js';
import { WavePlanner } from '../../src/reminders/wave-planner.service.js';
import { WaveService } from '../../src/reminders/wave.service.js';
import { CityFiles } from '../support/city-files.js';
import { people, UNITS } from '../support/sample-roster.js';

const hr = everything('jinji');
const TODAY = '2023-06-30';
const QUIET = { from: '2023-05-22', to: '2023-06-09', name: '議会' };

let city: CityFiles;
let waves: WaveService;
const get = <Room>(room: new (...parts: never[]) => Room): Room => city.rooms.app.get(room);

beforeAll(async () => {
  // Every wave waits until it is confirmed: what happens between planning and sending is what these tests are about.
  city = await CityFiles.open({ NOW: `${TODAY}T10:00:00+09:00`, MAIL_CONFIRM_ABOVE: '1' });
  waves = get(WaveService);
});
afterAll(() => city.close());
let begun = 0;
beforeEach(async () => {
  await city.forget();
  // Compiled templates are kept by number, which nothing but a test gives twice.
  await city.db.query(`SELECT setval(pg_get_serial_sequence('message_template', 'id'), $1)`, [100 * ++begun]);
  await roster('2022-04-01', ['0001 110', '0002 110', '0003 120', '0004 120', '0005 410'], UNITS);
});

const mailOf = (number: string) => `p${number}@example.jp`;
async function roster(asOf: string, lines: string[], units?: string): Promise<void> {
  const withMail = lines.map((line) => {
    const [number, unit, hired = '-', mail = mailOf(number!)] = line.split(' ');
    return `${number} ${unit} ${hired} ${mail}`;
  });
  const report = await city.confirmedRoster(people(withMail, '採用年月日', 'メールアドレス'), {
    asOf,
    units,
  });
  expect(report.problems).toEqual([]);
}
const record = (number: string, status: CardStatus, on: string, expiresOn?: string) =>
  get(CardEventService).record(hr, number, { status, on, expiresOn });
const excepted = async (number: string, from: string, to: string) => {
  const { id } = await get(ExceptionService).request(hr, { number, category: 'other', from, to });
  await get(ExceptionService).decide(hr, id, 'approved');
};
const plan = (policy: string, on: string) => waves.start(hr, policy, on);
async function send(policy: string, on: string) {
  const { id, state } = await plan(policy, on);
  if (state === 'awaiting') await get(WaveControl).act(hr, id, 'confirm');
  return waves.attend(hr, id);
}
/** Of one wave, or of all: `0001 sent`, `0002 too_soon`. */
async function outcome(id?: number): Promise<string[]> {
  const rows: { line: string }[] = await city.db.query(
    `SELECT s.number || ' ' || coalesce(nullif(d.reason, ''), d.state) AS line FROM delivery d JOIN staff s ON s.id = d.staff_id
     WHERE $1::int IS NULL OR d.wave_id = $1 ORDER BY d.wave_id, s.number`,
    [id ?? null],
  );
  return rows.map(({ line }) => line);
}
async function mailsOf(name: string) {
  const folder = join(city.rooms.dataDir, 'outbox', name);
  return Promise.all(
    (await readdir(folder)).map(async (file) => simpleParser(await readFile(join(folder, file)))),
  );
}

describe('the monthly message to people without a card', () => {
  test('goes to everybody of whom no card is known, without anybody having added them', async () => {
    await record('0001', 'held', '2022-06-01');
    await record('0002', 'applied', '2022-06-01');
    await record('0003', 'not_applied', '2022-06-01');
    await record('0004', 'lapsed', '2022-06-01');
    const { id, considered, outside } = await send('staff-monthly', '2023-05-16');
    expect(await outcome(id)).toEqual(['0002 sent', '0003 sent', '0004 sent', '0005 sent']);
    expect(considered).toEqual([
      { label: '職員', count: 5 },
      { label: 'カードの保有を確認できていない職員', count: 4 },
    ]);
    expect(outside).toEqual([{ label: 'カードの保有を確認しています', count: 1 }]);
  });

  test('leaves alone who would rather not answer and who is in an exception, and comes back when it ends', async () => {
    await record('0001', 'undisclosed', '2022-06-01');
    await excepted('0002', '2023-01-01', '2023-05-31');
    await roster('2022-05-01', ['0001 110', '0002 110', '0003 120', '0004 120 - -', '0005 410']);
    const { id, reasons } = await send('staff-monthly', '2023-05-16');
    expect(await outcome(id)).toEqual([
      '0001 undisclosed',
      '0002 exempt_until:2023-05-31',
      '0003 sent',
      '0004 no_own_address',
      '0005 sent',
    ]);
    expect(reasons.map(({ reason, count }) => [reason, count])).toContainEqual([
      '例外が承認されています(2023年5月31日まで)',
      1,
    ]);
    expect(await outcome((await send('staff-monthly', '2023-06-14')).id)).toContain('0002 sent');
  });

  test('never goes to an address that other people read as well', async () => {
    await roster('2022-05-01', [
      '0001 110 - depot@example.jp',
      '0002 110 - Depot@example.jp',
      '0003 120',
      '0004 120',
      '0005 410',
    ]);
    const lines = await outcome((await send('staff-monthly', '2023-05-16')).id);
    expect(lines.slice(0, 3)).toEqual(['0001 shared_address', '0002 shared_address', '0003 sent']);
  });

  test('is not sent to whoever lost the reason between planning and sending', async () => {
    const { id, state } = await plan('staff-monthly', '2023-05-16');
    expect(state).toBe('awaiting');
    await record('0001', 'held', TODAY);
    await record('0002', 'undisclosed', TODAY);
    await excepted('0003', '2023-06-01', '2023-07-31');
    await roster('2023-06-01', ['0001 110', '0002 110', '0003 120', '0005 410']);
    await get(WaveControl).act(hr, id, 'confirm');
    await waves.attend(hr, id);
    expect(await outcome(id)).toEqual([
      '0001 held',
      '0002 undisclosed',
      '0003 exempt',
      '0004 left',
      '0005 sent',
    ]);
  });

  test('says to each their own, masks the link, and shows names only where the look is on record', async () => {
    await record('0002', 'applied', '2022-06-01');
    const { id } = await send('staff-monthly', '2023-05-16');
    const mails = await mailsOf('staff-monthly-2023-05-16');
    expect(mails).toHaveLength(5);
    const to = (number: string) =>
      mails.find((mail) => JSON.stringify(mail.to).includes(mailOf(number)))!.text!;
    expect(to('0001')).toMatch(/^見本 0001 様/);
    expect(to('0001')).not.toContain('申請中と回答いただいています');
    expect(to('0002')).toContain('申請中と回答いただいています');
    for (const { text } of mails) {
      expect(text).toContain('http://localhost:3000/answer/');
      expect(text).toContain('あなたの回答を見るのは人事課の担当者だけです');
    }

    const page = await waves.deliveries(hr, id);
    expect(page.deliveries.map(({ unitName, recipient }) => [unitName, recipient])).toContainEqual([
      '看護部',
      '職員',
    ]);
    expect(JSON.stringify(page)).not.toMatch(/見本|example\.jp/);
    const looks = () => city.db.query(`SELECT FROM audit_event WHERE action = 'delivery_viewed'`);
    const [first] = page.deliveries;
    expect((await waves.text(hr, id, first!.id)).text).toMatch(/^●●● 様/);
    expect(await looks()).toHaveLength(0);
    expect((await waves.message(hr, id, first!.id)).text).toMatch(/^見本 0001 様/);
    expect(await looks()).toHaveLength(1);

    // Auditors read the same record by numbers: neither who nor where.
    const auditor = scopeFrom('kansa', 9, [{ role: 'auditor', unitId: null }]);
    const read = [await waves.deliveries(auditor, id), await waves.message(auditor, id, first!.id)];
    expect(read).toMatchObject([
      { deliveries: expect.arrayContaining([expect.objectContaining({ unitCode: '', state: 'sent' })]) },
      { to: '●●●', text: expect.stringMatching(/^●●● 様/) },
    ]);
    expect(JSON.stringify(read)).not.toMatch(/見本 0|@example\.jp|人事課"|看護部/);
  });

  test('can be looked through before it goes out, with everything masked that is somebody’s own', async () => {
    await record('0001', 'undisclosed', '2022-06-01');
    const preview = await waves.plan(hr, 'staff-monthly', '2023-05-16', 4);
    expect(preview).toMatchObject({ recipients: 4, position: 4, existing: null });
    expect(preview.suppressed).toEqual([
      { state: 'suppressed', code: 'undisclosed', reason: '「回答しない」を選んでいます', count: 1 },
    ]);
    expect(preview.deliveries).toHaveLength(5);
    expect(preview.first).toMatchObject({
      to: '●●●',
      subject: '【5/26まで】マイナンバーカードの取得状況をお聞かせください(任意)',
    });
    expect(JSON.stringify(preview)).not.toMatch(/見本 0|@example\.jp/);
    expect((await waves.plan(hr, 'staff-monthly', '2023-05-16', 5)).first).toBeNull();
    await expect(waves.plan(hr, 'staff-monthly', addDays(TODAY, 1))).rejects.toMatchObject({
      code: 'day_to_come',
    });
  });
});

describe('limits', () => {
  test('hold over all policies: nobody is written to twice within the least gap', async () => {
    await record('0001', 'held', '2022-06-01', '2023-07');
    await roster('2023-05-02', [
      '0001 110',
      '0002 110',
      '0003 120',
      '0004 120',
      '0005 410',
      '0006 410 2023-05-02',
    ]);
    expect(await outcome((await send('staff-start', '2023-05-16')).id)).toEqual(['0006 sent']);
    expect(await outcome((await send('renewal', '2023-05-09')).id)).toEqual(['0001 sent']);
    // The newcomer has just been told; the holder who gave the card back was told about it a week ago.
    await record('0001', 'lapsed', '2023-05-15');
    const lines = await outcome((await send('staff-monthly', '2023-05-17')).id);
    expect(lines).toEqual([
      '0001 too_soon',
      '0002 sent',
      '0003 sent',
      '0004 sent',
      '0005 sent',
      '0006 too_soon',
    ]);
  });

  test('count what is still on its way, and not what reached nobody', async () => {
    const { id } = await plan('staff-monthly', '2023-06-14');
    expect((await waves.plan(hr, 'staff-monthly', '2023-06-20')).recipients).toBe(0);
    await get(WaveControl).act(hr, id, 'cancel');
    expect((await waves.plan(hr, 'staff-monthly', '2023-06-20')).recipients).toBe(5);
  });

  test('end when the year is full', async () => {
    await get(PolicyService).changeRules(hr, { maxPerYear: 2 });
    for (const on of ['2022-04-14', '2022-09-14']) await send('staff-monthly', on);
    const { reasons } = await send('staff-monthly', '2023-03-14');
    expect(reasons).toEqual([
      {
        state: 'suppressed',
        code: 'enough_this_year',
        reason: '1年に送る件数の上限に達しています',
        count: 5,
      },
    ]);
    // A year after the first of the two, there is room again.
    expect((await waves.plan(hr, 'staff-monthly', '2023-04-13')).recipients).toBe(0);
    expect((await waves.plan(hr, 'staff-monthly', '2023-04-14')).recipients).toBe(5);
  });
});

describe('the message to newcomers', () => {
  test('reaches everybody who joins once, over weekends, holidays and quiet periods', async () => {
    const first = '2023-03-25';
    const joiners = Array.from({ length: 60 }, (_, n) => [String(1001 + n), addDays(first, n)] as const);
    await roster('2023-06-20', [
      '0001 110',
      '0002 110',
      '0003 120',
      '0004 120',
      '0005 420',
      ...joiners.map(([number, day]) => `${number} 110 ${day}`),
    ]);
    const { quietPeriods, ...rules } = await get(PolicyService).changeRules(hr, { quietPeriods: [QUIET] });
    const told: string[] = [];
    const times = { ...rules, quietPeriods };
    for (let on = '2023-04-03'; on <= TODAY; on = sendingDayFrom(addDays(on, 1), times)) {
      const { messages } = await get(WavePlanner).plan(hr, policyNamed('staff-start'), on);
      for await (const { address, suppressed } of messages) told.push(`${address} ${suppressed ?? 'sent'}`);
    }
    // Somebody from another section is no newcomer.
    expect(told.toSorted()).toEqual(joiners.map(([number]) => `${mailOf(number)} sent`));
  });

  test('is not for those who stand in the first roster', async () => {
    expect((await waves.plan(hr, 'staff-start', '2022-04-15')).considered.at(-1)).toMatchObject({ count: 0 });
  });

  test('is not for those who stand in the first roster of a unit that keeps its own', async () => {
    const nurses = Array.from({ length: 5 }, (_, n) => `${2001 + n} 420`);
    const report = await city.confirmedRoster(people(nurses), { asOf: '2023-05-01', scopeCode: '420' });
    expect(report).toMatchObject({ problems: [], joined: 5 });
    await city.confirmedRoster(people([...nurses, '2006 420']), { asOf: '2023-05-02', scopeCode: '420' });
    expect((await waves.plan(hr, 'staff-start', '2023-05-15')).considered.at(-1)).toMatchObject({ count: 0 });
    expect((await waves.plan(hr, 'staff-start', '2023-05-16')).considered.at(-1)).toMatchObject({ count: 1 });
  });

  test('reaches whoever follows the only one of a unit', async () => {
    await roster('2023-04-01', ['0001 110', '0002 110', '0003 120', '0004 120']);
    await roster('2023-05-02', ['0001 110', '0002 110', '0003 120', '0004 120', '0006 410']);
    expect((await waves.plan(hr, 'staff-start', '2023-05-16')).considered.at(-1)).toMatchObject({ count: 1 });
  });

  test('makes an empty wave of a day on which nobody is to be told, and that is over at once', async () => {
    expect(await plan('staff-start', '2023-05-15')).toMatchObject({
      state: 'finished',
      counts: { planned: 0 },
    });
  });

  test('is not for who has a card already', async () => {
    await roster('2023-05-01', [
      '0001 110',
      '0002 110',
      '0003 120',
      '0004 120',
      '0005 410',
      '0006 410',
      '0007 410',
    ]);
    await record('0006', 'held', '2023-05-02');
    const { id, considered, outside } = await send('staff-start', '2023-05-15');
    expect(await outcome(id)).toEqual(['0007 sent']);
    expect(considered.map(({ count }) => count)).toEqual([7, 2, 1]);
    expect(outside.map(({ count }) => count)).toEqual([1]);
  });
});

describe('the message about an ending card', () => {
  test('goes to holders, once a card, and names its month to them alone', async () => {
    await record('0001', 'held', '2022-06-01', '2023-07');
    await record('0002', 'held', '2022-06-01', '2023-09');
    await record('0003', 'held', '2022-06-01');
    expect(await outcome((await send('renewal', '2023-05-09')).id)).toEqual(['0001 sent']);
    expect(await outcome((await send('renewal', '2023-06-07')).id)).toEqual([
      '0001 already_told',
      '0002 sent',
    ]);
    const [mail] = await mailsOf('renewal-2023-06-07');
    expect(mail!.text).toContain('記録では2023年9月が有効期限です');
    expect(mail!.subject).not.toContain('2023');
    expect(mail!.text).not.toContain('/answer/');
    const preview = await waves.plan(hr, 'renewal', '2023-06-08');
    expect(JSON.stringify(preview)).not.toContain('2023年9月');
  });

  test('is not sent once the card is renewed or given back, and comes again for the next card', async () => {
    for (const number of ['0001', '0002', '0003', '0004'])
      await record(number, 'held', '2022-06-01', '2023-07');
    const { id } = await plan('renewal', '2023-05-09');
    await excepted('0004', '2023-05-01', '2023-12-31');
    await record('0001', 'held', '2023-06-10', '2023-08');
    await record('0002', 'lapsed', '2023-06-10');
    await get(WaveControl).act(hr, id, 'confirm');
    await waves.attend(hr, id);
    expect(await outcome(id)).toEqual(['0001 renewed', '0002 not_held', '0003 sent', '0004 exempt']);
    expect(await outcome((await send('renewal', '2023-06-12')).id)).toEqual([
      '0001 sent',
      '0003 already_told',
      '0004 exempt_until:2023-12-31',
    ]);
  });
});

describe('the message from the top', () => {
  const own = {
    subject: '職員の皆さんへ',
    body: '職員の皆さん\n\n{{期限}}まで、相談をお受けします。\n\n[大切なお知らせ]',
    reason: '市長の言葉',
  };

  test('goes out only with words of its own, then once to everybody, whatever was sent to them before', async () => {
    await expect(plan('top-message', '2023-05-16')).rejects.toMatchObject({ code: 'template_is_draft' });
    expect(await waves.plan(hr, 'top-message', '2023-05-16')).toMatchObject({
      draft: 'top-message',
      recipients: 5,
    });
    await get(TemplateEditorService).save(hr, 'top-message', own);
    await record('0001', 'held', '2022-06-01');
    await record('0002', 'undisclosed', '2022-06-01');
    await excepted('0003', '2023-01-01', '2023-07-31');
    await roster('2022-05-01', [
      '0001 110 - depot@example.jp',
      '0002 110',
      '0003 120',
      '0004 120 - depot@example.jp',
      '0005 410 - -',
    ]);
    await send('staff-monthly', '2023-05-15');
    const { id } = await send('top-message', '2023-05-16');
    expect(await outcome(id)).toEqual([
      '0001 sent',
      '0002 sent',
      '0003 sent',
      '0004 same_address',
      '0005 no_own_address',
    ]);
    // It is nobody's own, so it holds nothing else back; and it is sent once.
    expect((await waves.plan(hr, 'staff-monthly', '2023-05-30')).recipients).toBe(0);
    expect((await waves.plan(hr, 'top-message', '2023-06-30')).recipients).toBe(1);
  });
});

test('what was sent to somebody who is erased keeps neither the name nor the card', async () => {
  await record('0001', 'held', '2022-06-01', '2023-07');
  const { id } = await send('renewal', '2023-05-09');
  const { DeliveryDataService } = await import('../../src/reminders/delivery-data.service.js');
  const [row]: { id: number }[] = await city.db.query(`SELECT id FROM staff WHERE number = '0001'`);
  await get(DeliveryDataService).erase(city.db.manager, [{ id: row!.id } as never]);
  const [delivery] = (await waves.deliveries(hr, id)).deliveries;
  const { text } = await waves.message(hr, id, delivery!.id);
  expect(text).toMatch(/^●●● 様/);
  expect(text).not.toContain('2023年7月');
});

test('the notice about the end of an exception is not sent to whoever has it continued meanwhile', async () => {
  await excepted('0001', '2023-06-01', '2023-07-14');
  await excepted('0002', '2023-06-01', '2023-07-14');
  const { id, state } = await plan('exception-ending', TODAY);
  expect(state).toBe('awaiting');
  await excepted('0002', '2023-07-15', '2023-08-31');
  await get(WaveControl).act(hr, id, 'confirm');
  await waves.attend(hr, id);
  expect(await outcome(id)).toEqual(['0001 sent', '0002 exception_changed']);
});
