/** What the authors of messages to persons may name. The notice is in all of them. */
import { MASK } from './mask.js';
import type { RenewalContext, StaffMessageContext, WithoutCardContext } from './staff-message.js';
import { DEADLINE, EVERYWHERE } from './template-names.js';

const ANYWHERE = [
  { name: DEADLINE, path: 'deadline', description: 'お願いの期限(月日と曜日)' },
  { name: '期限の月日', path: 'deadlineShort', description: '件名に入れる短い期限' },
  ...EVERYWHERE,
];

const TO_PERSONS = [
  {
    name: '氏名',
    path: 'person.name',
    description: '受け取る本人の氏名。プレビューと一覧では伏せます',
    personal: true,
  },
  ...ANYWHERE,
];

const ANSWER = {
  name: '回答のボタン',
  file: 'answer-button',
  description: '受け取る本人だけの回答ページを開くボタン(文言は変えられません)',
};

const COMMON: StaffMessageContext = {
  city: '見本市',
  contact: '人事課 内線2345',
  whoSees:
    'あなたの回答を見るのは人事課の担当者だけです。所属長には人数だけをお伝えします。だれが見たかは記録に残ります。',
  writtenOn: '2022年11月10日',
  deadline: '11月21日(月)',
  deadlineShort: '11/21',
};

const UNTOLD: WithoutCardContext = {
  ...COMMON,
  person: { name: '見本 花子', applied: false },
  answerUrl: `https://card.example.jp/answer/${MASK}`,
};

const WITHOUT_CARD = {
  names: TO_PERSONS,
  conditions: [
    { name: '申請中', path: 'person.applied', description: '本人がカードを申請中と答えているとき' },
  ],
  parts: [ANSWER],
  required: [DEADLINE],
  action: ANSWER.name,
  examples: [UNTOLD, { ...UNTOLD, person: { ...UNTOLD.person, applied: true } }],
};

const RENEWAL: RenewalContext = {
  ...COMMON,
  person: { name: '見本 花子', cardUntil: '2023年1月', cardMonth: '2023-01' },
};

export const STAFF_KINDS = [
  { name: 'staff-start', ...WITHOUT_CARD },
  { name: 'staff-monthly', ...WITHOUT_CARD },
  {
    name: 'renewal',
    names: [
      ...TO_PERSONS,
      {
        name: '有効期限',
        path: 'person.cardUntil',
        description: '記録にあるカードの有効期限(年月)。プレビューと一覧では伏せます',
        personal: true,
      },
    ],
    conditions: [],
    parts: [],
    required: [DEADLINE],
    // No link to answer by: 申請中, said of a new card, would take the card that is still valid out of the count.
    action: null,
    examples: [RENEWAL],
  },
  {
    name: 'top-message',
    names: ANYWHERE,
    conditions: [],
    parts: [],
    required: [DEADLINE],
    action: null,
    draft: true,
    examples: [COMMON],
  },
];
