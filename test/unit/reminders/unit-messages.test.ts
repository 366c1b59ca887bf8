import { describe, expect, test } from '@jest/globals';
import type { CitizenComparison } from '../../../src/adoption/adoption.types.js';
import { containsIndividualNumber } from '../../../src/platform/individual-number.js';
import { Clock } from '../../../src/platform/clock.js';
import { planDigests } from '../../../src/reminders/digest-message.js';
import { planEscalations, type EscalationFacts } from '../../../src/reminders/escalation-message.js';
import { compileTemplate } from '../../../src/reminders/message-template.js';
import { MessageTemplateService } from '../../../src/reminders/message-template.service.js';
import { planThanks } from '../../../src/reminders/thanks-message.js';
import { toneFaults } from '../../../src/reminders/tone.js';
import { sampleLines, type SampleUnit } from '../../support/sample-units.js';

const CITIZENS: CitizenComparison = {
  area: '金沢市',
  code: '172014',
  metric: 'issued',
  asOf: '2022-10-31',
  cards: 208_794,
  population: 448_702,
  rate: 46.5,
  differencePoints: null,
};

const CITY: SampleUnit = { code: '0', name: '金沢市', kind: '市', staff: 3300, held: 2706 };
const BUREAU: SampleUnit = { code: '04', name: '福祉局', kind: '局', parent: '0', staff: 200, held: 130 };
/** In the organisation's order, which is neither that of their rates nor that of their names. */
const SECTIONS: SampleUnit[] = [
  { code: '0413', name: '保育課', parent: '04', staff: 80, held: 60 },
  { code: '0411', name: '介護課', parent: '04', staff: 60, held: 20 },
  { code: '0412', name: '障害課', parent: '04', staff: 60, held: 50 },
];
const WHOLE = [CITY, BUREAU, ...SECTIONS];

type Contact = {
  managers?: Record<number, string | null>;
  unitEmail?: string | null;
  exists?: boolean;
  hasChat?: boolean;
};
const head = (staffId: number): Contact => ({ managers: { [staffId]: `m${staffId}@example.jp` } });
const HEADS = { '04': head(4), '0411': head(11), '0412': head(12), '0413': head(13) };

interface Given extends Partial<Omit<EscalationFacts, 'lines' | 'contacts' | 'history'>> {
  readonly contacts?: Record<string, Contact>;
  /** Ends of the months before, newest first. */
  readonly before?: readonly SampleUnit[][];
}

function factsOf(
  units: readonly SampleUnit[],
  { contacts = HEADS, before, ...given }: Given = {},
): EscalationFacts {
  const lines = sampleLines(units);
  // A unit keeps its id whatever becomes of it.
  const ids = new Map(lines.map(({ unit, unitId }) => [unit.code, unitId]));
  const past = (before ?? [[...units]]).map((month) =>
    sampleLines(month).map((line) => ({ ...line, unitId: ids.get(line.unit.code) ?? 1000 + line.unitId })),
  );
  return {
    on: '2022-11-08',
    asOf: '2022-10-31',
    goalRate: 100,
    city: { name: '金沢市', areaCode: '172014', contact: '人事課 内線2345' },
    citizens: [CITIZENS],
    citizensBefore: [{ ...CITIZENS, asOf: '2022-09-30', rate: 45 }],
    baseUrl: 'https://card.example.jp',
    managersSeeNames: false,
    lines,
    history: [lines, ...past],
    contacts: lines.map(({ unitId, unit }) => {
      const { managers = {}, unitEmail = null, exists = true, hasChat } = contacts[unit.code] ?? {};
      const list = Object.entries(managers).map(([staffId, email]) => ({ staffId: Number(staffId), email }));
      return { unitId, exists, unitEmail, managers: list, hasChat };
    }),
    ...given,
  };
}

const idOf = (units: readonly SampleUnit[], code: string) =>
  units.findIndex((unit) => unit.code === code) + 1;
const complete = (units: SampleUnit[], ...codes: string[]) =>
  units.map((unit) => (codes.includes(unit.code) ? { ...unit, held: unit.staff } : unit));
const recipients = (messages: readonly { recipient: string; suppressed: string | null }[]) =>
  messages.map(({ recipient, suppressed }) =>
    suppressed === null ? recipient : `${recipient}: ${suppressed}`,
  );

describe('thanks', () => {
  const units = complete(WHOLE, '0411', '0412');
  const thanks = (given?: Given, of = units) => planThanks(factsOf(of, given));

  test('go to the manager of each unit in which everybody holds a card, and to nobody else', () => {
    expect(recipients(thanks())).toEqual(['staff:11', 'staff:12']);
    expect(thanks()[0]).toMatchObject({
      address: 'm11@example.jp',
      unit: { name: '介護課' },
      personal: false,
    });
    expect(
      thanks({}, complete(WHOLE, '0411').concat({ code: '05', parent: '0', staff: 0, held: 0 })),
    ).toHaveLength(1);
  });

  test('are one for somebody who manages two such units, with the other named beside it', () => {
    const messages = thanks({ contacts: { '0411': head(11), '0412': head(11), '0413': head(11) } });
    expect(recipients(messages)).toEqual(['staff:11']);
    expect(messages[0]!.context).toMatchObject({ own: { name: '介護課' }, others: [{ name: '障害課' }] });
    expect(messages[0]!.about).toEqual([idOf(units, '0411'), idOf(units, '0412')]);
  });

  test('set nobody beside anybody: no rate, no number of people, no other manager’s unit', () => {
    const text = JSON.stringify(thanks()[0]!.context);
    expect(text).not.toMatch(/rate|people|remaining|障害課|保育課|福祉局/);
  });

  test.each([
    ['介護課', '課', '課長'],
    ['消費生活センター', '所属', '所属長'],
    ['四階病棟', '所属', '所属長'],
  ])('call the head of %s by a title only where the name bears it out', (name, unitWord, leader) => {
    const named = units.map((unit) => (unit.code === '0411' ? { ...unit, name } : unit));
    expect(thanks({}, named)[0]!.context).toMatchObject({ unitWord, leader });
  });

  test('are held back for a unit that was thanked lately, and leave it out beside a new one', () => {
    const toldLately = new Set([idOf(units, '0411')]);
    expect(recipients(thanks({ toldLately }))).toEqual(['staff:11: already_told', 'staff:12']);
    const [both] = thanks({ toldLately, contacts: { '0411': head(11), '0412': head(11) } });
    expect(both).toMatchObject({ suppressed: null, about: [idOf(units, '0412')] });
    expect(both!.context).toMatchObject({ own: { name: '障害課' }, others: [] });
  });

  test('say nothing to a mailbox or chat room of so few that each of them would be spoken of', () => {
    const few = complete([...WHOLE, { code: '0414', parent: '04', staff: 3, held: 3 }], '0411');
    const contacts = {
      '0411': { unitEmail: 'kaigo@example.jp' },
      '0414': { unitEmail: 'few@example.jp' },
    };
    expect(recipients(thanks({ contacts }, few))).toEqual([
      `unit:${idOf(few, '0411')}`,
      `unit:${idOf(few, '0414')}: small_group`,
    ]);
    expect(recipients(thanks({ contacts: { '0414': head(14) } }, complete(few, '0411')))).toContain(
      'staff:14',
    );
  });
});

describe('the digest of a bureau', () => {
  const digests = (given?: Given, of: SampleUnit[] = WHOLE) => planDigests(factsOf(of, given));

  test('goes to the leader of what stands right below the top, with its units in the organisation’s order', () => {
    const messages = digests();
    expect(recipients(messages)).toEqual(['staff:4']);
    expect(messages[0]!.context.bureaus).toMatchObject([
      {
        name: '福祉局',
        rate: '65.0%',
        people: '130 / 200人',
        remaining: '70',
        units: [
          { name: '保育課', rate: '75.0%', people: '60 / 80人', remaining: '20' },
          { name: '介護課', rate: '33.3%', people: '20 / 60人', remaining: '40' },
          { name: '障害課', rate: '83.3%', people: '50 / 60人', remaining: '10' },
        ],
      },
    ]);
  });

  test('is none for a unit right below the top that has nothing below it', () => {
    const office: SampleUnit = {
      code: '09',
      name: '監査事務局',
      kind: '局',
      parent: '0',
      staff: 20,
      held: 10,
    };
    expect(recipients(digests({ contacts: { ...HEADS, '09': head(9) } }, [...WHOLE, office]))).toEqual([
      'staff:4',
    ]);
  });

  test('is one for somebody who leads two bureaus', () => {
    const other: SampleUnit[] = [
      { code: '05', name: '市民局', kind: '局', parent: '0', staff: 100, held: 50 },
      { code: '0511', name: '窓口課', parent: '05', staff: 50, held: 25 },
      { code: '0512', name: '戸籍課', parent: '05', staff: 50, held: 25 },
    ];
    const messages = digests({ contacts: { '04': head(4), '05': head(4) } }, [...WHOLE, ...other]);
    expect(recipients(messages)).toEqual(['staff:4']);
    expect(messages[0]!.context.bureaus.map(({ name }) => name)).toEqual(['福祉局', '市民局']);
  });

  const units = (given: Given | undefined, of: SampleUnit[]) =>
    digests(given, of)[0]!.context.bureaus[0]!.units.map(({ name, people }) => `${name} ${people}`);

  test('tells of few people only in a sum that tells of nobody, also to those who subtract', () => {
    const few = [
      CITY,
      { ...BUREAU, staff: 203, held: 132 },
      ...SECTIONS,
      { code: '0414', parent: '04', staff: 3, held: 2 },
    ];
    expect(units(undefined, few)).toEqual([
      '保育課 60 / 80人',
      '障害課 50 / 60人',
      'ほか2所属の合計 22 / 63人',
    ]);
    // Of three people directly below the bureau as well.
    const direct = [CITY, { ...BUREAU, staff: 203, held: 132 }, ...SECTIONS];
    expect(units(undefined, direct)).toEqual([
      '保育課 60 / 80人',
      '障害課 50 / 60人',
      'ほか2所属の合計 22 / 63人',
    ]);
  });

  test('goes on doing so where a unit was small in the months before: two digests tell no more than one', () => {
    const small = SECTIONS.map((unit) => (unit.code === '0412' ? { ...unit, held: 58 } : unit));
    const before = [[CITY, { ...BUREAU, held: 138 }, ...small]];
    expect(units({ before }, WHOLE)).toEqual(['保育課 60 / 80人', 'ほか2所属の合計 70 / 120人']);
  });

  test('has no table where every unit is too small, and then says so', () => {
    const tiny = [
      CITY,
      { ...BUREAU, staff: 8, held: 4 },
      { code: '0411', parent: '04', staff: 4, held: 2 },
      { code: '0412', parent: '04', staff: 4, held: 2 },
    ];
    expect(units(undefined, tiny)).toEqual([]);
    expect(recipients(digests({ contacts: { '04': { unitEmail: 'kyoku@example.jp' } } }, tiny))).toEqual([
      'unit:2: small_group',
    ]);
  });
});

describe('the message to the next level up', () => {
  const escalations = (given?: Given, of: SampleUnit[] = WHOLE) => planEscalations(factsOf(of, given));
  const named = (given?: Given, of: SampleUnit[] = WHOLE) =>
    escalations(given, of).map(({ recipient, context }) => [
      recipient,
      ...context.units.map(({ name }) => name),
    ]);

  test('is about units below the citizens at two month ends, to whoever leads the unit above', () => {
    const [message, ...others] = escalations();
    expect(others).toEqual([]);
    expect(message).toMatchObject({ recipient: 'staff:4', unit: { name: '福祉局' }, suppressed: null });
    expect(message!.about).toEqual([idOf(WHOLE, '0411')]);
    expect(message!.context).toMatchObject({
      leader: '局長',
      units: [{ name: '介護課', rate: '33.3%', people: '20 / 60人', remaining: '40', rateBefore: '33.3%' }],
      citizens: [{ name: '市民', rate: '46.5%' }],
    });
  });

  const lastMonth = (held: number) => [
    WHOLE.map((unit) => (unit.code === '0411' ? { ...unit, held } : unit)),
  ];

  test('is none for a unit that was not behind a month ago, or is not any more', () => {
    expect(named({ before: lastMonth(30) })).toEqual([]);
    expect(named({ citizens: [{ ...CITIZENS, rate: 33.3 }] })).toEqual([]);
    // As both are shown: 27 of 60 is 45.0 %, and so were the citizens.
    expect(named({ before: lastMonth(27) })).toEqual([]);
    expect(named({ before: lastMonth(26) })).toEqual([['staff:4', '介護課']]);
  });

  test('is none for a unit founded a month ago or after', () => {
    expect(named({ before: [WHOLE.filter(({ code }) => code !== '0411')] })).toEqual([]);
    expect(named({ before: [] })).toEqual([]);
  });

  test('is none for a unit that stood empty a month ago', () => {
    expect(
      named({
        before: [WHOLE.map((unit) => (unit.code === '0411' ? { ...unit, staff: 0, held: 0 } : unit))],
      }),
    ).toEqual([]);
  });

  test('goes with a unit that moved meanwhile, to whoever leads it now', () => {
    const other: SampleUnit = { code: '05', name: '市民局', kind: '局', parent: '0', staff: 100, held: 80 };
    const counter: SampleUnit = { code: '0511', name: '窓口課', parent: '05', staff: 40, held: 30 };
    const now = [
      CITY,
      { ...BUREAU, staff: 140, held: 110 },
      SECTIONS[0]!,
      SECTIONS[2]!,
      { ...other, staff: 100, held: 50 },
      { ...SECTIONS[1]!, parent: '05' },
      counter,
    ];
    const before = [[...WHOLE, { ...other, staff: 40, held: 30 }, counter]];
    expect(named({ before, contacts: { ...HEADS, '05': head(5) } }, now)).toEqual([['staff:5', '介護課']]);
  });

  test('is none where the city’s own citizens are not known, at both ends and by the same metric', () => {
    const owned = { ...CITIZENS, metric: 'owned' as const };
    const elsewhere = { ...CITIZENS, area: '全国', code: '000000' };
    expect(named({ citizens: [], citizensBefore: [] })).toEqual([]);
    expect(named({ citizensBefore: [] })).toEqual([]);
    expect(named({ citizensBefore: [owned] })).toEqual([]);
    expect(named({ citizens: [elsewhere], citizensBefore: [elsewhere] })).toEqual([]);
  });

  test('climbs to the first level that somebody else leads', () => {
    const office: SampleUnit = { code: '041', name: '介護部', kind: '部', parent: '04', staff: 60, held: 20 };
    const deep = [CITY, BUREAU, SECTIONS[0]!, office, { ...SECTIONS[1]!, parent: '041' }, SECTIONS[2]!];
    const above = (contact: Contact) => named({ contacts: { ...HEADS, '041': contact } }, deep);
    // Nobody leads the 部: the 局長 hears of the 課, and of the 部 nothing by itself.
    expect(above({})).toEqual([['staff:4', '介護課']]);
    // The same person leads 部 and 課: to them it is no news.
    expect(above(head(11))).toEqual([['staff:4', '介護部', '介護課']]);
    expect(above(head(41))).toEqual([
      ['staff:4', '介護部'],
      ['staff:41', '介護課'],
    ]);
  });

  test('is none to the mayor, who reads the report, and on record where nobody can be written to', () => {
    const behind = WHOLE.map((unit) =>
      unit.code === '04' ? { ...unit, held: 60 } : { ...unit, held: Math.min(unit.held, 20) },
    );
    const messages = escalations({ contacts: { ...HEADS, '04': { managers: { 4: null } } } }, behind);
    expect(recipients(messages)).toEqual([`unit:${idOf(behind, '04')}: no_address`]);
  });

  test('is one to the leader of several units behind, without those told of lately', () => {
    const behind = WHOLE.map((unit) =>
      unit.code === '0412' ? { ...unit, held: 20 } : unit.code === '04' ? { ...unit, held: 100 } : unit,
    );
    expect(named(undefined, behind)).toEqual([['staff:4', '介護課', '障害課']]);
    const toldLately = new Set([idOf(behind, '0411')]);
    expect(named({ toldLately }, behind)).toEqual([['staff:4', '障害課']]);
    expect(recipients(escalations({ toldLately }))).toEqual(['staff:4: already_told']);
  });

  test('names no unit whose figures would tell of a few people', () => {
    const few = WHOLE.map((unit) =>
      unit.code === '0411' ? { ...unit, held: 3 } : unit.code === '04' ? { ...unit, held: 113 } : unit,
    );
    expect(named(undefined, few)).toEqual([]);
    const small = [
      CITY,
      { ...BUREAU, staff: 204, held: 130 },
      ...SECTIONS,
      { code: '0414', parent: '04', staff: 4, held: 0 },
    ];
    expect(JSON.stringify(named({ contacts: { ...HEADS, '0414': head(14) } }, small))).not.toContain('0414');
  });

  test('never goes to a chat room, which everybody of the bureau reads', () => {
    const contacts = { ...HEADS, '04': { unitEmail: 'kyoku@example.jp', hasChat: true } };
    expect(escalations({ contacts })[0]).toMatchObject({ address: 'kyoku@example.jp' });
    expect(escalations({ contacts })[0]!.channel).toBeUndefined();
  });
});

describe('what ships', () => {
  const templates = new MessageTemplateService(new Clock());
  const thanked = factsOf(complete(WHOLE, '0411', '0412'), {
    contacts: { '0411': head(11), '0412': head(11) },
  });
  const squeezed = (text: string) => text.replace(/[\s::]|全体/g, '');
  const kinds: [string, object, string][] = [
    ['thanks', planThanks(thanked)[0]!.context, '介護課の職員全員がマイナンバーカードを保有している'],
    ['bureau-digest', planDigests(factsOf(WHOLE))[0]!.context, '介護課 33.3%(20 / 60人) 残り40人'],
    [
      'escalation',
      planEscalations(factsOf(WHOLE))[0]!.context,
      '誰が持っているかを尋ねたり、理由を聞いたりする必要はありません。',
    ],
  ];

  test.each(kinds)(
    'says in %s what the notice says, presses nobody, and loads nothing',
    async (name, context, words) => {
      const { source, problems } = templates.translate(name, await templates.shipped(name));
      expect(problems).toEqual([]);
      const { subject, text, html } = compileTemplate(source!)(context);
      for (const body of [text, html]) {
        expect(body).toContain('任意です');
        expect(body).toContain('人事課の担当者だけ');
        expect(body).toContain('不利益な取扱いをすることはありません');
        expect(body).toContain('問い合わせ: 人事課 内線2345');
      }
      const faults = [subject, ...text.split('\n\n')].flatMap(toneFaults);
      expect(faults.filter(({ code }) => code !== 'leaking' && code !== 'own_link')).toEqual([]);
      expect(containsIndividualNumber(text)).toBe(false);
      expect(html).not.toMatch(/<(script|img|link|iframe|form)\b|url\(/i);
      expect(squeezed(html.replace(/<[^>]+>/g, ''))).toContain(squeezed(words));
      expect(squeezed(text)).toContain(squeezed(words));
    },
  );
});
