import { monthEnd, spell } from './dates.mjs';
import { MONTHS } from './figures.mjs';
import { CHANGES } from './unit-list.mjs';
import { hasManager, ROOT, unitPeriods } from './units.mjs';

/** The units with all their periods, as exported in October 2022. */
export function unitFile(people, units, chance) {
  const managers = (season) =>
    new Map(
      people.filter((p) => p.places[season].manager).map((p) => [p.places[season].unit.code, p.number]),
    );
  const winter = managers('winter');
  const autumn = managers('autumn');
  const withMail = new Set(
    units.filter((unit) => hasManager(unit) && chance.of(0.4)).map((unit) => unit.code),
  );
  const rows = unitPeriods(units, chance).map(({ code, name, parent, kind, from, to }) => {
    const manager = (to ? winter : autumn).get(code) ?? '';
    const told = kind === '課' ? chance.of(0.9) : true;
    const mail = withMail.has(code) ? `shozoku-${code}@example.jp` : '';
    const style = chance.pick(['slashes', 'slashes', 'slashes', 'letter', 'wareki']);
    return [code, name, parent, kind, spell(from, style), to && spell(to, style), told ? manager : '', mail];
  });
  if (!rows.some(([code]) => code === ROOT) || !rows.some(([code]) => code === CHANGES.abolished.code)) {
    throw new Error('a unit is missing');
  }
  return {
    file: 'shozoku.csv',
    lines: [
      ['金沢市 所属一覧(見本) 令和4年10月1日出力', '', '', '', '', '', '', ''],
      [
        '所属コード',
        '所属名',
        '上位所属コード',
        '種別',
        '適用開始日',
        '適用終了日',
        '所属長職員番号',
        '所属メール',
      ],
      ...rows,
      ['※ 適用終了日はその日までです(当日を含みます)。', '', '', '', '', '', '', ''],
      ['以上', '', '', '', '', '', '', ''],
    ],
  };
}

const WORDS = [
  { held: '保有', applied: '申請中', not_applied: '未申請' },
  { held: '取得済', applied: '申請済', not_applied: '未取得' },
  { held: '交付済', applied: '申請中', not_applied: '未申請' },
  { held: '○', applied: '申請中', not_applied: '×' },
  { held: '有', applied: '申請済', not_applied: '無' },
].map((words) => ({ ...words, undisclosed: '回答しない', lapsed: '失効・返納' }));
const EVIDENCES = { self: '本人', manager: '所属長', hr: '人事', import: '取込' };
const HEADERS = [
  ['職員番号', '取得状況', '基準日', '確認方法'],
  ['職員NO', '取得状況', '基準日', '確認方法', '備考'],
  ['職\u3000員\u3000番\u3000号', '取得状況', '基準日', '確認方法'],
];
const STYLES = ['slashes', 'shortSlashes', 'iso', 'kanji', 'letter', 'wareki', 'wide'];

/** One list a month: what was recorded in it. A few answers are handed in a month late, with their own day. */
export function statusFiles(people, chance) {
  const lists = MONTHS.map(() => []);
  for (const { number, events, until } of people) {
    for (const event of events) {
      const month = MONTHS.findIndex((m) => m.month === event.on.slice(0, 7));
      const late = !until && month < lists.length - 1 && chance.of(0.02);
      lists[late ? month + 1 : month].push({ number, ...event });
    }
  }
  return lists.map((list, i) => {
    const day = monthEnd(MONTHS[i].month);
    const headers = HEADERS[i % HEADERS.length];
    const words = WORDS[i % WORDS.length];
    const main = STYLES[i % STYLES.length];
    const rows = list
      .toSorted((a, b) => (a.number + a.on < b.number + b.on ? -1 : 1))
      .map(({ number, status, on, evidence }) => {
        const style = chance.of(0.8) ? main : chance.pick(STYLES);
        const row = [number, words[status], spell(on, style), EVIDENCES[evidence]];
        return headers.length > row.length ? [...row, ''] : row;
      });
    const title = `マイナンバーカード取得状況一覧(見本) ${spell(day, 'wareki')}まで`;
    return {
      file: `shutoku_${spell(day, 'letter')
        .toLowerCase()
        .replace(/^r(\d)\.(\d+)\.\d+$/, (_, y, m) => `r0${y}${m.padStart(2, '0')}`)}.csv`,
      lines: [
        [title],
        ['番号はすべて架空のものです'],
        headers,
        ...rows,
        i % 2 ? ['以上'] : ['※ 取得も回答も任意です。'],
        ...(i % 3 ? [] : [['以上']]),
      ],
    };
  });
}

export function exceptionList(people) {
  return people
    .filter((person) => person.exception)
    .toSorted((a, b) => (a.number < b.number ? -1 : 1))
    .map(({ number, exception }) => ({ staffNumber: number, ...exception }));
}
