/** Invented data of the messages about units, for where nobody would be written to and to try templates on. */
import type { DigestContext } from './digest-message.js';
import type { EscalationContext } from './escalation-message.js';
import type { ThanksContext } from './thanks-message.js';

const COMMON = {
  city: '見本市',
  contact: '人事課 内線2345',
  whoSees: '職員一人ひとりの回答を見るのは人事課の担当者だけです。所属長には人数だけをお伝えします。',
  writtenOn: '2022年11月10日',
  unitCode: '01',
  unitWord: '局',
  leader: '局長',
  asOf: '2022年10月31日',
  monthEnd: '10月末',
  goalRate: '100%',
  url: 'https://card.example.jp/units/01',
};
const CITIZENS = [{ name: '市民', rate: '46.5%', definition: '交付、2022年10月31日' }];
const UNITS = [
  { name: '見本総務課', rate: '90.0%', people: '36 / 40人', remaining: '4' },
  { name: '見本福祉課', rate: '42.5%', people: '17 / 40人', remaining: '23' },
];
const SMALL = { name: 'ほか3所属の合計', rate: '75.0%', people: '15 / 20人', remaining: '5' };
const BUREAU = { name: '見本局', rate: '68.0%', people: '68 / 100人', remaining: '32' };
const THANKS: ThanksContext = {
  ...COMMON,
  unitWord: '課',
  leader: '課長',
  own: { name: '見本課' },
  others: [{ name: '見本第二課' }],
};
const DIGEST: DigestContext = {
  ...COMMON,
  own: BUREAU,
  citizens: CITIZENS,
  bureaus: [{ ...BUREAU, units: [...UNITS, SMALL] }],
};
const ESCALATION: EscalationContext = {
  ...COMMON,
  deadline: '11月21日(月)',
  deadlineShort: '11/21',
  own: { name: '見本局' },
  citizens: CITIZENS,
  units: [{ ...UNITS[1]!, rateBefore: '40.0%' }],
};

/** Of each kind the first says all a message can say, the second as little as it can. */
export const THANKS_EXAMPLES: readonly ThanksContext[] = [THANKS, { ...THANKS, others: [] }];
export const DIGEST_EXAMPLES: readonly DigestContext[] = [
  DIGEST,
  { ...DIGEST, citizens: [], bureaus: [{ ...BUREAU, units: [] }] },
];
export const ESCALATION_EXAMPLES: readonly EscalationContext[] = [
  ESCALATION,
  { ...ESCALATION, citizens: [] },
];
