import { definitionWords, type DefinitionName } from '../adoption/definition.js';
import { percentage } from '../adoption/rate.js';
import type { IsoDate, IsoMonth } from '../platform/month.js';
import { oneDecimal, renderCsvTable } from '../platform/tabular/csv-text.js';
import type { PublishedLine } from './published-lines.js';

/** A released month for everybody: counts of the whole and of its departments, small ones only together. */
export interface OpenDataMonth {
  readonly month: IsoMonth;
  readonly asOf: IsoDate;
  readonly version: number;
  /** ISO instants. */
  readonly closedAt: string;
  readonly releasedAt: string;
  readonly city: { readonly name: string; readonly areaCode: string | null; readonly contact: string };
  /** Absent where the month was closed before definitions were kept. */
  readonly definition?: DefinitionName;
  readonly threshold: number;
  /** Every department on that day, in the order of the organisation. */
  readonly departments: readonly { readonly code: string; readonly name: string }[];
  readonly lines: readonly PublishedLine[];
}

/** A figure, or why there is none. */
type Value = number | typeof SUPPRESSED | typeof NONE;

/** The marks of official statistics. */
const SUPPRESSED = '*';
const NONE = '-';

interface Row {
  readonly code: string;
  readonly name: string;
  readonly staff: Value;
  readonly held: Value;
  readonly withoutCard: Value;
  readonly rate: Value;
}

const COLUMNS = [
  ['asOf', '基準日', '西暦の年月日'],
  ['areaCode', '全国地方公共団体コード', '6桁'],
  ['area', '団体名', ''],
  ['code', '所属コード', '合計と、まとめた所属の計では空'],
  ['name', '所属名', ''],
  ['staff', '職員数(人)', '本務の在籍職員。回答しない・未回答・例外を含む'],
  ['held', '保有(人)', 'マイナンバーカードを保有する職員'],
  ['withoutCard', '保有以外(人)', '職員数 − 保有。申請中・未申請・回答しない・未回答・失効と返納'],
  ['rate', '保有率(%)', '保有 ÷ 職員数、小数第1位(四捨五入)。全員が保有するときだけ100.0'],
] as const;

/** One value a cell, units in the header, dates of the western calendar. */
export function renderOpenDataCsv(data: OpenDataMonth): Buffer {
  const rows = rowsOf(data).map((row) => [
    data.asOf,
    data.city.areaCode ?? '',
    data.city.name,
    row.code,
    row.name,
    row.staff,
    row.held,
    row.withoutCard,
    typeof row.rate === 'number' ? oneDecimal(row.rate) : row.rate,
  ]);
  return renderCsvTable([COLUMNS.map(([, title]) => title), ...rows]);
}

/** The same rows with what they mean. A suppressed figure is null, and `suppressed` says so. */
export function renderOpenDataJson(data: OpenDataMonth): Buffer {
  const { city, threshold } = data;
  const file = {
    metadata: {
      title: `${city.name} 職員のマイナンバーカード保有状況`,
      publisher: city.name,
      contact: city.contact,
      source: `${city.name}の職員名簿と、職員のマイナンバーカードの取得状況の記録`,
      licence: 'CC BY 4.0',
      licenceUrl: 'https://creativecommons.org/licenses/by/4.0/deed.ja',
      language: 'ja',
      areaCode: city.areaCode,
      month: data.month,
      asOf: data.asOf,
      version: data.version,
      closedAt: data.closedAt,
      releasedAt: data.releasedAt,
      definition:
        '保有率 = カードを保有する職員 ÷ 在籍職員(本務)。取得も回答も任意です。' +
        (data.definition ? `集計定義 ${definitionWords(data.definition)}。` : ''),
      suppression: `${threshold}人未満の人数が分かる所属は、値を「${SUPPRESSED}」とし、ほかの所属とまとめた計だけを示します。職員がいない所属は「${NONE}」です。`,
      columns: COLUMNS.map(([key, title, note]) => ({ key, title, note })),
    },
    rows: rowsOf(data).map((row) => ({
      asOf: data.asOf,
      areaCode: city.areaCode,
      area: city.name,
      code: row.code,
      name: row.name,
      staff: figure(row.staff),
      held: figure(row.held),
      withoutCard: figure(row.withoutCard),
      rate: figure(row.rate),
      suppressed: row.staff === SUPPRESSED,
    })),
  };
  return Buffer.from(`${JSON.stringify(file, null, 2)}\n`, 'utf8');
}

/** The whole, every department by name, and the sum of those whose figures are hidden. */
function rowsOf({ departments, lines }: OpenDataMonth): Row[] {
  const root = lines.find((line) => line.parentCode === null);
  if (!root) return [];
  const below = lines.filter((line) => line.parentCode === root.code);
  const shown = new Map(below.filter((line) => line.line === 'unit').map((line) => [line.code, line]));
  const merged = below.find((line) => line.line === 'merged');
  const hidden = new Set(merged?.members.map(({ code }) => code));
  const direct = below.find((line) => line.line === 'direct');
  // Where nothing can be told below the whole, every department is hidden.
  const everyOneHidden = below.length === 0;
  return [
    toRow('', '合計', root),
    ...departments.map(({ code, name }) => {
      const line = shown.get(code);
      if (line) return toRow(code, name, line);
      return markRow(code, name, everyOneHidden || hidden.has(code) ? SUPPRESSED : NONE);
    }),
    ...(direct ? [toRow('', direct.name, direct)] : []),
    ...(merged ? [toRow('', `値を示さない${merged.units}所属の計`, merged)] : []),
  ];
}

function figure(value: Value): number | null {
  return typeof value === 'number' ? value : null;
}

function toRow(code: string, name: string, { staff, held }: PublishedLine): Row {
  const withoutCard = staff - held;
  return { code, name, staff, held, withoutCard, rate: percentage(held, staff) ?? NONE };
}

function markRow(code: string, name: string, mark: Value): Row {
  return { code, name, staff: mark, held: mark, withoutCard: mark, rate: mark };
}
