/** Invented data of the monthly message, for where no roster has been imported yet and to try templates on. */
import type { ManagerMessageContext } from './manager-message.js';

const FULL: ManagerMessageContext = {
  city: '見本市',
  contact: '人事課 内線2345',
  whoSees: '職員一人ひとりの回答を見るのは人事課の担当者だけです。所属長には人数だけをお伝えします。',
  writtenOn: '2022年11月10日',
  unitCode: '0101',
  unitWord: '課',
  deadline: '11月21日(月)',
  deadlineShort: '11/21',
  asOf: '2022年10月31日',
  monthEnd: '10月末',
  goalRate: '100%',
  showOwn: true,
  own: { name: '見本課', rate: '82.1%', people: '23 / 28人', remaining: '5' },
  comparisons: [
    { name: '見本部', rate: '80.0%', people: '240 / 300人' },
    { name: '全職員', rate: '82.0%', people: '2,706 / 3,300人' },
  ],
  citizens: [{ name: '市民', rate: '46.5%', definition: '交付、2022年10月31日' }],
  others: [{ name: '見本第二課', rate: '75.0%', people: '30 / 40人', remaining: '10' }],
  bar: { filled: 82, toGoal: 18, beyond: 0 },
  url: 'https://card.example.jp/units/0101',
};

/** The first says all a message can say, the second as little as it can. */
export const MANAGER_MESSAGE_EXAMPLES: readonly ManagerMessageContext[] = [
  FULL,
  { ...FULL, showOwn: false, comparisons: [], citizens: [], others: [] },
];
