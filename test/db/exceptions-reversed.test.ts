import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { everything, scopeFrom, type Scope } from '../../src/access/scope.js';
import { UserService } from '../../src/access/user.service.js';
import { AdoptionService } from '../../src/adoption/adoption.service.js';
import { DefinitionService } from '../../src/adoption/definition.service.js';
import { findAudience } from '../../src/ledger/audience.query.js';
import { CardEventService } from '../../src/ledger/card-event.service.js';
import { longestUntil } from '../../src/ledger/exception-check.js';
import { ExceptionService } from '../../src/ledger/exception.service.js';
import type { ExceptionCategory } from '../../src/ledger/exception.types.js';
import { OutOfPlanService } from '../../src/ledger/out-of-plan.service.js';
import { OwnExceptionService } from '../../src/ledger/own-exception.service.js';
import { WaveService } from '../../src/reminders/wave.service.js';
import { CityFiles } from '../support/city-files.js';
import { CREW, people, UNITS } from '../support/sample-roster.js';

const TODAY = '2022-11-10';
const hr = everything('test');
const asked = {
  number: '0001',
  category: 'health' as ExceptionCategory,
  from: '2022-11-14',
  to: '2022-12-09',
};
const WITH_MAIL = CREW.map((line) => `${line} s${line.slice(0, 4)}@example.jp`);

let city: CityFiles;
let exceptions: ExceptionService;
let own: OwnExceptionService;
let outOfPlan: OutOfPlanService;

beforeAll(async () => {
  city = await CityFiles.open({ NOW: `${TODAY}T09:00:00+09:00` });
  exceptions = city.rooms.app.get(ExceptionService);
  own = city.rooms.app.get(OwnExceptionService);
  outOfPlan = city.rooms.app.get(OutOfPlanService);
});
afterAll(() => city.close());
beforeEach(async () => {
  await city.forget();
  await city.roster(people(WITH_MAIL, 'メールアドレス'), { units: UNITS, asOf: '2022-04-01' });
});

const figures = async (day: string) => {
  const { staff, held, exempt, undisclosed, unanswered } = await city.rooms.app
    .get(AdoptionService)
    .unit(hr, undefined, day);
  return { staff, held, exempt, undisclosed, unanswered };
};
/** Who without a card can be written to on the day. */
const inThePlan = async (day: string) => {
  const statuses = ['not_applied', 'unanswered', 'applied', 'lapsed'] as const;
  const found = await findAudience(city.db.manager, { asOf: day, statuses });
  const rows: { number: string }[] = await city.db.query(
    'SELECT number FROM staff WHERE id = ANY ($1) ORDER BY 1',
    [found.filter(({ exempt }) => !exempt).map(({ staffId }) => staffId)],
  );
  return rows.map(({ number }) => number);
};
const EVERYBODY = CREW.map((line) => line.slice(0, 4));
const without = (...numbers: string[]) => EVERYBODY.filter((number) => !numbers.includes(number));
const account = async (name: string, role: 'hr' | 'manager', staffNumber?: string): Promise<Scope> => {
  const password = 'kaze-to-umi-7';
  const { user } = await city.rooms.app.get(UserService).add({ name, role, staffNumber, password }, 'test');
  return scopeFrom(name, user.id, role === 'hr' ? [{ role, unitId: null }] : []);
};
const approved = async (request: typeof asked) => exceptions.request(hr, request, { approve: true });
const rejectedFor = async (scope: Scope) => {
  const { id } = await exceptions.request(hr, asked);
  await exceptions.decide(scope, id, 'rejected', '期間を短くして申請してください。');
  return id;
};
const planned = (policy: string, on: string) => city.rooms.app.get(WaveService).plan(hr, policy, on);
/** A message without the breaks of its lines. */
const unbroken = (message: { text: string } | null) => message?.text.replaceAll('\n', '');

describe('leaving the plan', () => {
  it('takes more than a request: no figure changes, and nobody is out', async () => {
    const before = await figures('2022-11-20');
    await exceptions.request(hr, asked);
    expect(await figures('2022-11-20')).toEqual(before);
    expect(await inThePlan('2022-11-20')).toEqual(EVERYBODY);
    expect((await outOfPlan.page(hr)).people).toEqual([]);
  });

  it('is approved for its days alone, and ends by itself', async () => {
    await approved(asked);
    const days = ['2022-11-13', '2022-11-14', '2022-12-09', '2022-12-10'];
    expect(await Promise.all(days.map(inThePlan))).toEqual([
      EVERYBODY,
      without('0001'),
      without('0001'),
      EVERYBODY,
    ]);
    expect((await Promise.all(days.map(figures))).map(({ exempt }) => exempt)).toEqual([0, 1, 1, 0]);
  });

  it('can be approved for other days than were asked for; what was asked stays on record', async () => {
    const { id } = await exceptions.request(hr, asked);
    const granted = await exceptions.decide(hr, id, 'approved', '', { to: '2022-11-30' });
    expect(granted).toMatchObject({ state: 'approved', from: '2022-11-14', to: '2022-11-30' });
    const days = ['2022-11-13', '2022-11-14', '2022-11-30', '2022-12-01'];
    expect((await Promise.all(days.map(figures))).map(({ exempt }) => exempt)).toEqual([0, 1, 1, 0]);
    expect(await city.db.query('SELECT valid_from, valid_to FROM card_exception')).toEqual([
      { valid_from: '2022-11-14', valid_to: '2022-12-10' },
    ]);
  });

  it('lasts twelve months at most, also when HR grants more', async () => {
    expect([longestUntil('2022-11-14'), longestUntil('2024-02-29'), longestUntil('2023-01-01')]).toEqual([
      '2023-11-13',
      '2025-02-28',
      '2023-12-31',
    ]);
    const long = { ...asked, to: '2023-11-14' };
    await expect(exceptions.request(hr, long)).rejects.toMatchObject({ code: 'exception_too_long' });
    const { id, to } = await exceptions.request(hr, { ...asked, to: undefined });
    expect(to).toBe('2023-11-13');
    await expect(exceptions.decide(hr, id, 'approved', '', { to: '2023-11-14' })).rejects.toMatchObject({
      code: 'exception_too_long',
    });
  });

  it('needs nobody where a person would rather not answer, and lasts until the person says otherwise', async () => {
    await city.rooms.app
      .get(CardEventService)
      .record(hr, '0003', { status: 'undisclosed', on: '2022-11-01' });
    await approved({ ...asked, from: '2022-11-01' });
    expect(await inThePlan(TODAY)).toEqual(without('0001', '0003'));
    const { counts, people: out } = await outOfPlan.page(hr);
    expect(counts).toEqual({ exception: 1, undisclosed: 1, not_counted: 0 });
    expect(out.map(({ number, why, category, until }) => [number, why, category, until])).toEqual([
      ['0001', 'exception', 'health', '2022-12-09'],
      ['0003', 'undisclosed', null, null],
    ]);
    expect((await outOfPlan.page(hr, { why: 'undisclosed' })).people).toHaveLength(1);
  });

  it('is nothing for those who are not counted: they are out until the definition or the roster changes', async () => {
    const lines = WITH_MAIL.map((line) => `${line} ${line.startsWith('0007') ? '会計年度任用' : '正規'}`);
    await city.roster(people(lines, 'メールアドレス', '雇用区分'), { asOf: '2022-10-01' });
    const definition = {
      validFrom: '2022-11-01',
      leftOutEmployment: ['会計年度任用'],
      leftOutLeave: [],
      minDays: 0,
      reason: '会計年度任用職員は別に案内する',
    };
    await city.rooms.app.get(DefinitionService).set(hr, definition, false);
    const page = await outOfPlan.page(hr);
    expect(page.counts).toEqual({ exception: 0, undisclosed: 0, not_counted: 1 });
    expect(page.people).toMatchObject([{ number: '0007', why: 'not_counted', category: null, until: null }]);
  });

  it('shows HR of a part its own people only', async () => {
    await approved({ ...asked, from: '2022-11-01' });
    const [hospital]: { id: number }[] = await city.db.query(`SELECT id FROM unit WHERE code = '400'`);
    const theirs = scopeFrom('byoin', 1, [{ role: 'hr', unitId: hospital!.id }]);
    const page = await outOfPlan.page(theirs);
    expect([page.people, page.ending, page.counts.exception]).toEqual([[], [], 0]);
    expect(await exceptions.list(theirs)).toEqual([]);
    await approved({ ...asked, number: '0005', from: '2022-11-01' });
    expect((await outOfPlan.page(theirs)).people.map(({ number }) => number)).toEqual(['0005']);
  });

  it('is decided once, however many decide at the same moment', async () => {
    const { id } = await exceptions.request(hr, asked);
    const outcomes = await Promise.allSettled([
      exceptions.decide(hr, id, 'approved'),
      exceptions.decide(hr, id, 'rejected', '同時に決定'),
      exceptions.decide(hr, id, 'approved'),
    ]);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await city.db.query('SELECT FROM card_exception_decision')).toHaveLength(1);
  });
});

describe('one reason is one exception', () => {
  const same = { code: 'exception_exists', kind: 'conflict' };

  it('where a button is pressed twice, with a decision or without', async () => {
    for (const approve of [true, false]) {
      const number = approve ? '0001' : '0002';
      const twice = await Promise.allSettled(
        [1, 2, 3].map(() => exceptions.request(hr, { ...asked, number }, { approve, once: true })),
      );
      expect(twice.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected', 'rejected']);
      for (const one of twice) if (one.status === 'rejected') expect(one.reason).toMatchObject(same);
      expect(await exceptions.list(hr, { number })).toHaveLength(1);
    }
  });

  it('where the person asks again for days that are approved', async () => {
    const person = await account('shokuin', 'manager', '0001');
    await approved(asked);
    await expect(own.ask(person, asked)).rejects.toMatchObject(same);
  });

  it('but other days, days that were refused and days that were given back are asked for freely', async () => {
    await rejectedFor(hr);
    const { id } = await approved(asked);
    await exceptions.withdraw(hr, id);
    await approved(asked);
    await approved({ ...asked, to: '2022-12-23' });
    expect(await exceptions.list(hr)).toHaveLength(4);
  });
});

it('reasons of security are printed at no command line: HR reads them with an account', async () => {
  const officer = await account('jinji-1', 'hr');
  const { id } = await approved({ ...asked, category: 'security', from: '2022-11-01', to: '2022-11-20' });
  const read = async (scope: Scope) => {
    const [listed] = await exceptions.list(scope, { number: '0001' });
    const { people: out, ending } = await outOfPlan.page(scope);
    return [listed, ...out, ...ending].map((one) => one?.category);
  };
  expect(await read(officer)).toEqual(['security', 'security', 'security']);
  expect(await read(everything('cli:operator'))).toEqual(['other', 'other', 'other']);
  const decided = await exceptions.withdraw(everything('cli:operator'), id);
  expect(decided).toMatchObject({ category: 'other', note: '' });
});

describe('a rejection', () => {
  it('says why', async () => {
    const { id } = await exceptions.request(hr, asked);
    await expect(exceptions.decide(hr, id, 'rejected', ' ')).rejects.toMatchObject({
      code: 'reason_required',
    });
    expect(await exceptions.decide(hr, id, 'rejected', '期間が長すぎます。')).toMatchObject({
      state: 'rejected',
      reason: '期間が長すぎます。',
    });
    expect(await inThePlan('2022-11-20')).toEqual(EVERYBODY);
  });

  it('is appealed once by the person, and decided by another account than the one that rejected', async () => {
    const [first, second] = [await account('jinji-1', 'hr'), await account('jinji-2', 'hr')];
    const person = await account('shokuin', 'manager', '0001');
    const id = await rejectedFor(first);
    await own.appeal(person, id, '通院が続きます。');
    expect(await exceptions.list(hr)).toMatchObject([{ state: 'appealed', appeal: '通院が続きます。' }]);
    await expect(own.appeal(person, id)).rejects.toMatchObject({ code: 'appealed_before' });
    await expect(exceptions.decide(first, id, 'approved')).rejects.toMatchObject({ code: 'other_decider' });
    expect(await exceptions.decide(second, id, 'approved')).toMatchObject({ state: 'approved' });
    expect((await figures('2022-11-20')).exempt).toBe(1);
  });

  it('of an appeal is the last word about this request; another request is free', async () => {
    const first = await account('jinji-1', 'hr');
    const id = await rejectedFor(first);
    await exceptions.appeal(hr, id);
    // There is nobody else.
    await exceptions.decide(first, id, 'rejected', '変わりません。');
    await expect(exceptions.appeal(hr, id)).rejects.toMatchObject({ code: 'appealed_before' });
    await expect(exceptions.decide(hr, id, 'approved')).rejects.toMatchObject({ code: 'exception_decided' });
    expect(await exceptions.request(hr, asked)).toMatchObject({ state: 'requested' });
  });

  it('is what an appeal is against: nothing else can be appealed', async () => {
    const { id } = await approved(asked);
    await expect(exceptions.appeal(hr, id)).rejects.toMatchObject({ code: 'exception_not_rejected' });
  });
});

describe('people themselves', () => {
  const request = { category: 'other' as const, from: '2022-11-14', to: '2022-12-09' };

  it('ask, see what was decided, and come back without asking', async () => {
    const person = await account('shokuin', 'manager', '0001');
    await own.ask(person, request);
    const [{ id } = { id: 0 }] = await exceptions.list(hr);
    await exceptions.decide(hr, id, 'approved');
    expect(await own.list(person)).toMatchObject({
      person: { number: '0001' },
      exceptions: [{ state: 'approved', from: '2022-11-14' }],
    });
    expect((await figures('2022-11-20')).exempt).toBe(1);
    await own.withdraw(person, id);
    expect((await figures('2022-11-20')).exempt).toBe(0);
    await expect(own.withdraw(person, id)).rejects.toMatchObject({ code: 'exception_decided' });
  });

  it('ask for days to come, once at a time, and take a request back', async () => {
    const person = await account('shokuin', 'manager', '0001');
    await expect(own.ask(person, { ...request, from: '2022-11-09' })).rejects.toMatchObject({
      code: 'past_day',
    });
    await own.ask(person, request);
    await expect(own.ask(person, request)).rejects.toMatchObject({ code: 'exception_waiting' });
    const [{ id } = { id: 0 }] = await exceptions.list(hr);
    await own.withdraw(person, id);
    await expect(exceptions.decide(hr, id, 'approved')).rejects.toMatchObject({ code: 'exception_decided' });
    await own.ask(person, request);
    expect((await exceptions.list(hr)).map(({ state }) => state)).toEqual(['requested', 'withdrawn']);
  });

  it('do nothing about others, and need an account that is theirs', async () => {
    const person = await account('shokuin', 'manager', '0002');
    const id = await rejectedFor(hr);
    for (const act of [own.appeal(person, id), own.withdraw(person, id), own.appeal(person, 999)])
      await expect(act).rejects.toMatchObject({ code: 'exception_not_found' });
    const nobody = await account('dareka', 'manager', '9999');
    expect(await own.list(nobody)).toBeNull();
    await expect(own.ask(nobody, request)).rejects.toMatchObject({ code: 'no_person' });
  });

  it('who work in HR have their own requests decided by somebody else', async () => {
    const [officer, other] = [await account('jinji-1', 'hr', '0001'), await account('jinji-2', 'hr')];
    const { id } = await exceptions.request(officer, asked);
    await expect(exceptions.decide(officer, id, 'approved')).rejects.toMatchObject({ code: 'other_decider' });
    await expect(exceptions.request(officer, asked, { approve: true })).rejects.toMatchObject({
      code: 'other_decider',
    });
    expect(await exceptions.list(hr)).toHaveLength(1);
    expect(await exceptions.decide(other, id, 'approved')).toMatchObject({ state: 'approved' });
  });

  it('write nothing that holds an individual number, and nothing of what they write is in the audit record', async () => {
    const note = '番号は 1234 5678 9018 です';
    await expect(exceptions.request(hr, { ...asked, note })).rejects.toMatchObject({
      code: 'individual_number',
    });
    expect(await exceptions.list(hr)).toEqual([]);
    const { id } = await exceptions.request(hr, { ...asked, note: '通院のため' });
    await expect(exceptions.decide(hr, id, 'rejected', note)).rejects.toMatchObject({
      code: 'individual_number',
    });
    await exceptions.decide(hr, id, 'rejected', '書類がありません');
    await exceptions.appeal(hr, id, '書類は出しました');
    const [{ trail }] = await city.db.query(`SELECT string_agg(e::text, ' ') AS trail FROM audit_event e`);
    expect(trail).toContain('exception_appealed');
    expect(trail).not.toMatch(/通院|書類|health/);
  });
});

describe('before the end', () => {
  const TEN_DAYS = { ...asked, from: '2022-11-01', to: '2022-11-20' };

  it('is thirty days, and an exception that another one continues does not end', async () => {
    await approved({ ...asked, from: '2022-11-01', to: '2022-12-10' });
    await approved({ ...asked, number: '0002', from: '2022-11-01', to: '2022-12-11' });
    expect((await outOfPlan.page(hr)).ending).toMatchObject([{ number: '0001', until: '2022-12-10' }]);
    await approved({ ...asked, from: '2022-12-11', to: '2023-03-31' });
    const page = await outOfPlan.page(hr);
    expect(page.ending).toEqual([]);
    expect(page.people[0]).toMatchObject({ number: '0001', until: '2023-03-31' });
  });

  it('the person is told once, with the day, and without category or reason', async () => {
    await approved(TEN_DAYS);
    const { recipients, first } = await planned('exception-ending', TODAY);
    expect([recipients, first?.to]).toEqual([1, '●●●']);
    expect(first?.subject).toBe('例外の期間の終わりのお知らせ');
    const waves = city.rooms.app.get(WaveService);
    const wave = await waves.start(hr, 'exception-ending', TODAY);
    expect(wave).toMatchObject({ sentNow: 1, state: 'finished' });
    const [sent] = (await waves.deliveries(hr, wave.id)).deliveries;
    const message = await waves.message(hr, wave.id, sent!.id);
    expect(message.to).toBe('s0001@example.jp');
    expect(unbroken(message)).toContain('11月20日(日)で終わり、2022年11月21日から');
    expect(message.text).not.toMatch(/健康|見本 0001/);
    await expect(waves.start(hr, 'exception-ending', '2022-11-11')).rejects.toMatchObject({
      code: 'nobody_to_tell',
    });
  });

  it('nobody is told who holds a card, would rather not answer, or has come back', async () => {
    const events = city.rooms.app.get(CardEventService);
    for (const number of ['0001', '0002', '0003', '0004']) await approved({ ...TEN_DAYS, number });
    await events.record(hr, '0001', { status: 'held', on: '2022-11-05' });
    await events.record(hr, '0002', { status: 'undisclosed', on: '2022-11-05' });
    const [{ id } = { id: 0 }] = await exceptions.list(hr, { number: '0003' });
    await exceptions.withdraw(hr, id);
    const { deliveries } = await planned('exception-ending', TODAY);
    expect(deliveries).toMatchObject([{ unitCode: '120', recipient: '職員' }]);
  });
});
