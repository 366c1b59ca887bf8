/** What the authors of messages about units may name, besides the monthly one. The notice is part of every kind. */
import { DEADLINE, EVERYWHERE } from './template-names.js';
import { DIGEST_EXAMPLES, ESCALATION_EXAMPLES, THANKS_EXAMPLES } from './unit-message-examples.js';

const COMMON = [
  { name: '所属名', path: 'own.name', description: 'あて先の所属長の所属' },
  {
    name: '所属の区分',
    path: 'unitWord',
    description: '局・部・課・室・係(所属名の終わりの字)。そのほかは「所属」',
  },
  {
    name: '長の呼び名',
    path: 'leader',
    description: '局長・部長・課長・室長・係長。センターなど、そのほかは「所属長」',
  },
  { name: '基準日', path: 'asOf', description: '数字の時点' },
  { name: '基準月', path: 'monthEnd', description: '数字の時点(短い書き方)' },
  ...EVERYWHERE,
];

export const UNIT_KINDS = [
  {
    name: 'thanks',
    names: COMMON,
    conditions: [],
    parts: [
      {
        name: 'ほかの所属のお礼',
        file: 'also-complete',
        description: '全員がカードを保有した所属をほかにも担当する人にだけ出る一覧',
      },
    ],
    required: [],
    examples: THANKS_EXAMPLES,
  },
  {
    name: 'bureau-digest',
    names: [
      ...COMMON,
      { name: '目標', path: 'goalRate', description: '保有率の目標' },
      { name: '保有率', path: 'own.rate', description: 'あて先の局などの保有率' },
      { name: '保有人数', path: 'own.people', description: '保有する人数と職員の人数' },
      { name: '残り人数', path: 'own.remaining', description: '目標までの人数' },
    ],
    conditions: [],
    parts: [
      {
        name: '所属ごとの表',
        file: 'units-below',
        description: '局などの中の所属の率と残りの人数。組織の順で、少人数の所属は合計して載せます',
      },
    ],
    required: [],
    examples: DIGEST_EXAMPLES,
  },
  {
    name: 'escalation',
    names: [
      ...COMMON,
      { name: DEADLINE, path: 'deadline', description: 'お願いの期限(月日と曜日)' },
      { name: '期限の月日', path: 'deadlineShort', description: '件名に入れる短い期限' },
      { name: '目標', path: 'goalRate', description: '保有率の目標' },
    ],
    conditions: [],
    parts: [
      {
        name: '支援する所属の表',
        file: 'units-behind',
        description: '2か月続けて市民の取得率を下回った所属の率と残りの人数。組織の順',
      },
    ],
    required: [DEADLINE],
    examples: ESCALATION_EXAMPLES,
  },
];
