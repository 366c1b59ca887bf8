import { describe, expect, test } from '@jest/globals';
import type { CitizenComparison } from '../../../src/adoption/adoption.types.js';
import { planManagerMessages } from '../../../src/reminders/manager-message.js';
import type { UnitMessageFacts } from '../../../src/reminders/unit-message.js';
import { sampleLines, type SampleUnit } from '../../support/sample-units.js';

const CITY: SampleUnit = { code: '0', name: '金沢市', kind: '市', staff: 3300, held: 2706 };
const DEPARTMENT: SampleUnit = {
  code: '04',
  name: 'こども未来部',
  kind: '部',
  parent: '0',
  staff: 300,
  held: 240,
};
const SECTION: SampleUnit = { code: '0412', name: '保育幼稚園課', parent: '04', staff: 28, held: 23 };

const kanazawa: CitizenComparison = {
  area: '金沢市',
  code: '172014',
  metric: 'issued',
  asOf: '2022-10-31',
  cards: 208_794,
  population: 448_702,
  rate: 46.5,
  differencePoints: null,
};

type Contact = { managers?: Record<number, string | null>; unitEmail?: string | null; exists?: boolean };

/** Contacts by unit code; a unit that is not named has nobody. */
function plan(units: SampleUnit[], contacts: Record<string, Contact>, facts: Partial<UnitMessageFacts> = {}) {
  const lines = sampleLines(units, facts.goalRate);
  return planManagerMessages({
    on: '2022-11-10',
    asOf: '2022-10-31',
    goalRate: 100,
    city: { name: '金沢市', areaCode: '172014', contact: '人事課 内線2345' },
    citizens: [kanazawa],
    baseUrl: 'https://card.example.jp',
    lines,
    managersSeeNames: false,
    contacts: lines.map((line) => {
      const { managers = {}, unitEmail = null, exists = true } = contacts[line.unit.code] ?? {};
      const list = Object.entries(managers).map(([staffId, email]) => ({ staffId: Number(staffId), email }));
      return { unitId: line.unitId, exists, unitEmail, managers: list };
    }),
    ...facts,
  });
}

const mayor = { '0': { managers: { 1: 'shicho@example.jp' } } };
const sectionManager = { '0412': { managers: { 7: 'kacho@example.jp' } } };
const toSection = (units: SampleUnit[]) =>
  plan(units, sectionManager).find((message) => message.recipient === 'staff:7')!.context;

describe('the message of a manager', () => {
  test('holds the own rate, the remaining people, the unit above, the whole staff and the citizens', () => {
    const message = plan([CITY, DEPARTMENT, SECTION], sectionManager).find(({ staffId }) => staffId === 7)!;
    expect(message).toMatchObject({ recipient: 'staff:7', address: 'kacho@example.jp', suppressed: null });
    expect(message.context).toMatchObject({
      own: { name: '保育幼稚園課', rate: '82.1%', people: '23 / 28人', remaining: '5' },
      comparisons: [
        { name: 'こども未来部', rate: '80.0%', people: '240 / 300人' },
        { name: '全職員', rate: '82.0%', people: '2,706 / 3,300人' },
      ],
      citizens: [{ name: '市民', rate: '46.5%', definition: '交付、2022年10月31日' }],
      deadline: '11月21日(月)',
      unitWord: '課',
      contact: '人事課 内線2345',
      url: 'https://card.example.jp/units/0412',
    });
  });

  test('knows no status but held, and nobody by name or number', () => {
    const text = JSON.stringify(
      plan([CITY, DEPARTMENT, SECTION], sectionManager).map(({ context }) => context),
    );
    expect(text).not.toMatch(/applied|undisclosed|unanswered|lapsed|exempt|staffId|kacho/i);
  });

  test('goes to units below the goal only', () => {
    const units = [CITY, DEPARTMENT, { ...SECTION, held: 28 }, { ...SECTION, code: '0413', held: 27 }];
    const contacts = { ...sectionManager, '0413': { managers: { 8: 'b@example.jp' } } };
    expect(plan(units, contacts).map(({ recipient }) => recipient)).not.toContain('staff:7');
    expect(plan(units, contacts).map(({ recipient }) => recipient)).toContain('staff:8');
    const reached = plan([CITY, DEPARTMENT, SECTION], sectionManager, { goalRate: 82.1 });
    expect(reached.map(({ recipient }) => recipient)).not.toContain('staff:7');
  });

  test('never goes to a unit without staff', () => {
    const units = [CITY, { ...SECTION, parent: '0', staff: 0, held: 0 }];
    const contacts = { ...mayor, ...sectionManager };
    expect(plan(units, contacts).map(({ recipient }) => recipient)).toEqual(['staff:1']);
  });

  test('is one for somebody who manages several units, about the topmost, with the others beside it', () => {
    const contacts = {
      '04': { managers: { 7: 'a@example.jp' } },
      '0412': { managers: { 7: 'a@example.jp' } },
    };
    const mine = plan([CITY, DEPARTMENT, SECTION], contacts).filter(({ staffId }) => staffId === 7);
    expect(mine).toHaveLength(1);
    expect(mine[0]!.context.own.name).toBe('こども未来部');
    expect(mine[0]!.context.others).toEqual([
      { name: '保育幼稚園課', rate: '82.1%', people: '23 / 28人', remaining: '5' },
    ]);
  });

  test('goes to each of two managers', () => {
    const contacts = { '0412': { managers: { 7: 'a@example.jp', 8: 'b@example.jp' } } };
    const staff = plan([CITY, DEPARTMENT, SECTION], contacts).filter(({ staffId }) => staffId !== null);
    expect(staff.map(({ address }) => address)).toEqual(['a@example.jp', 'b@example.jp']);
  });
});

describe('a unit whose manager cannot be written to', () => {
  const about = (contact: Contact) =>
    plan(
      [CITY, SECTION].map((unit) => ({ ...unit, parent: unit === CITY ? undefined : '0' })),
      { '0412': contact },
    )[0]!;

  test('is written to at its own mailbox', () => {
    const message = about({ managers: { 7: null }, unitEmail: 'hoiku@example.jp' });
    expect(message).toMatchObject({
      recipient: 'unit:2',
      staffId: null,
      address: 'hoiku@example.jp',
      suppressed: null,
    });
  });

  test.each<[string, Contact, string]>([
    ['has no address at all', { managers: { 7: null } }, 'no_address'],
    ['has no manager', {}, 'no_address'],
    ['has text that is not one address', { managers: { 7: 'a@example.jp, b@example.jp' } }, 'bad_address'],
    ['no longer exists', { exists: false }, 'unit_ended'],
  ])('and that %s is on record with the reason', (_, contact, reason) => {
    expect(about(contact)).toMatchObject({ recipient: 'unit:2', address: null, suppressed: reason });
  });

  test('and that is very small gets no figures in a mailbox that several people read', () => {
    const units = [CITY, { ...SECTION, parent: '0', staff: 2, held: 1 }];
    const [shared] = plan(units, { '0412': { unitEmail: 'x@example.jp' } });
    expect(shared!.context.showOwn).toBe(false);
    const [personal] = plan(units, { '0412': { managers: { 7: 'x@example.jp' } } });
    expect(personal!.context.showOwn).toBe(true);
  });
});

describe('a unit without a manager of its own', () => {
  const recipients = (contacts: Record<string, Contact>) =>
    plan([CITY, DEPARTMENT, SECTION], contacts).map(({ recipient }) => recipient);

  test('is led by the manager of the unit above, who gets one message', () => {
    expect(recipients({ '04': { managers: { 7: 'a@example.jp' } }, '0412': {} })).toEqual(['staff:7']);
  });

  test('is on record where nobody above has a manager either', () => {
    expect(recipients({})).toEqual(['unit:2', 'unit:3']);
  });

  test('is no gap when it is the whole organisation: the mayor reads the report', () => {
    expect(recipients({ '0': {}, '04': { managers: { 7: 'a@example.jp' } } })).not.toContain('unit:1');
  });
});

/** What the own figures stand beside. */
const names = (units: SampleUnit[]) => toSection(units).comparisons.map(({ name }) => name);

describe('the unit above', () => {
  test('is left out where subtracting the own unit would tell about a few other people', () => {
    const few = { ...DEPARTMENT, staff: 31, held: 25 }; // 3 others
    expect(names([CITY, few, SECTION])).toEqual(['全職員']);
    const fewRemaining = { ...DEPARTMENT, staff: 68, held: 61 }; // 40 others, 2 of them without a card
    expect(names([CITY, fewRemaining, SECTION])).toEqual(['全職員']);
  });

  test('is then replaced by the next one further up that is large enough', () => {
    const bureau = { code: '4', name: '福祉局', kind: '局', parent: '0', staff: 600, held: 480 };
    const few = { ...DEPARTMENT, parent: '4', staff: 31, held: 25 };
    expect(names([CITY, bureau, few, SECTION])).toEqual(['福祉局', '全職員']);
  });

  test('counts a second unit of the same manager as known, even one that has reached the goal', () => {
    const section = { ...SECTION, held: 20 };
    const second = { code: '0413', parent: '04', staff: 31, held: 25 };
    const department = { ...DEPARTMENT, staff: 62, held: 48 }; // 3 people in neither
    const manager = { managers: { 7: 'a@example.jp' } };
    const shown = (contacts: Record<string, Contact>) =>
      plan([CITY, department, section, second], contacts, { goalRate: 80 })
        .find(({ staffId }) => staffId === 7)!
        .context.comparisons.map(({ name }) => name);
    expect(shown({ '0412': manager })).toEqual(['こども未来部', '全職員']);
    expect(shown({ '0412': manager, '0413': manager })).toEqual(['全職員']);
  });

  test('is not named twice for a unit directly below the top', () => {
    expect(names([CITY, { ...SECTION, parent: '0' }])).toEqual(['全職員']);
  });
});

test('while the own citizens are not imported, another area stands in under its own name', () => {
  const nation = { ...kanazawa, area: '全国', code: '000000', metric: 'owned' as const, rate: 51.1 };
  const [message] = plan([CITY], mayor, { citizens: [nation] });
  expect(message!.context.citizens).toEqual([
    { name: '住民(全国)', rate: '51.1%', definition: '保有、2022年10月31日' },
  ]);
  expect(plan([CITY], mayor, { citizens: [] })[0]!.context.citizens).toEqual([]);
});

const widths = (staff: number, held: number, goalRate = 100) =>
  plan([{ ...CITY, staff, held }], mayor, { goalRate })[0]?.context.bar;

test('the bar is full only where everybody holds a card', () => {
  expect(widths(3300, 3299)).toEqual({ filled: 99, toGoal: 1, beyond: 0 });
  expect(widths(10, 0)).toEqual({ filled: 0, toGoal: 100, beyond: 0 });
  expect(widths(10, 5, 80)).toEqual({ filled: 50, toGoal: 30, beyond: 20 });
});
