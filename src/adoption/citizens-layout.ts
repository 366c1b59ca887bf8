/** Which of the published tables a file is. */
import { HeaderMatcher, type HeaderMatch } from '../platform/tabular/header-match.js';
import { openTable } from '../platform/tabular/table-file.js';
import type { OpenTableOptions, TableRow, TableSpec } from '../platform/tabular/table.types.js';
import { UnreadableFile } from '../platform/tabular/unreadable-file.js';
import type { InputFile } from '../platform/imports/import-report.js';

export type CitizenColumn =
  | 'code'
  | 'prefecture'
  | 'municipality'
  | 'category'
  | 'population'
  | 'populationAsOf'
  | 'asOf'
  | 'tableAsOf'
  | 'issued'
  | 'issuedRate'
  | 'owned'
  | 'ownedRate'
  | 'month'
  | 'indicator'
  | 'value';

/**
 * `wide`: a line for each area (総務省's table, as a workbook or scraped to CSV). `long`: a line for each value
 * (デジタル庁's dashboard).
 */
export interface CitizensLayout {
  readonly kind: 'wide' | 'long';
  readonly spec: TableSpec<CitizenColumn>;
  readonly options: OpenTableOptions;
  /** Lines of a smaller table above the header, such as the prefectures above the municipalities. */
  readonly above: readonly LineAbove[];
}

export interface LineAbove {
  readonly line: TableRow;
  readonly header: readonly string[];
  readonly columns: ReadonlyMap<CitizenColumn, number>;
}

/** The sheet of 総務省's workbook that is meant for publication. */
const PUBLISHED_SHEET = '公表用';

const COLUMNS: TableSpec<CitizenColumn>['columns'] = [
  {
    key: 'code',
    label: '団体コード',
    synonyms: ['全国地方公共団体コード', '地方公共団体コード', '市区町村コード', '自治体コード'],
  },
  { key: 'prefecture', label: '都道府県', synonyms: ['都道府県名'] },
  {
    key: 'municipality',
    label: '市区町村',
    synonyms: ['市区町村名', '市町村', '市町村名', '団体名', '自治体名'],
  },
  { key: 'category', label: '区分', synonyms: ['団体区分'] },
  { key: 'population', label: '人口', synonyms: ['総数人口', '総人口', '人口総数', '住民基本台帳人口'] },
  { key: 'populationAsOf', label: '人口算出基準日', synonyms: ['人口基準日'] },
  {
    key: 'asOf',
    label: '交付枚数算出基準日',
    synonyms: ['交付件数基準日', '交付枚数基準日', '保有枚数基準日', '保有枚数算出基準日'],
  },
  { key: 'tableAsOf', label: '算出基準日', synonyms: ['基準日'] },
  {
    key: 'issued',
    label: '交付枚数',
    synonyms: ['累計交付枚数', '交付枚数累計', '交付件数', '交付済枚数'],
  },
  {
    key: 'issuedRate',
    label: '交付枚数率',
    synonyms: ['人口に対する交付枚数率', '人口に対する交付率', '交付率', '人口における交付枚数率'],
  },
  { key: 'owned', label: '保有枚数', synonyms: ['保有件数', '現に保有されている枚数'] },
  {
    key: 'ownedRate',
    label: '保有枚数率',
    synonyms: ['人口に対する保有枚数率', '人口に対する保有率', '保有率', '人口における保有枚数率'],
  },
  { key: 'month', label: '年月', synonyms: ['対象年月', '基準年月', '集計年月'] },
  { key: 'indicator', label: '指標名', synonyms: ['指標', '指標名称'] },
  { key: 'value', label: '値', synonyms: ['数値', '実績値'] },
];

const FIGURES: readonly CitizenColumn[] = ['owned', 'ownedRate', 'issued', 'issuedRate'];
const LONG: readonly CitizenColumn[] = ['month', 'indicator', 'value'];

const ANY_LAYOUT: TableSpec<CitizenColumn> = {
  columns: COLUMNS,
  required: [
    ['prefecture', 'municipality', 'owned'],
    ['prefecture', 'municipality', 'issued'],
    ['prefecture', 'owned'],
    ['prefecture', 'issued'],
    ['category', 'issued'],
    LONG,
  ],
  keyColumn: 'prefecture',
};

/**
 * Looks for the header: the one with municipalities where there is one, because a workbook has smaller tables above
 * it. A file that cannot be read, or holds none of the tables, gets the layout that says so when it is read.
 */
export async function findLayout(file: InputFile): Promise<CitizensLayout> {
  try {
    const options = await chooseSheet(file);
    return await findHeader(file, options);
  } catch (error) {
    if (!(error instanceof UnreadableFile)) throw error;
    return { kind: 'wide', spec: ANY_LAYOUT, options: {}, above: [] };
  }
}

async function chooseSheet(file: InputFile): Promise<OpenTableOptions> {
  const table = await openTable(file);
  // The parser is released when its rows were begun and left.
  for await (const _ of table.rows) break;
  return table.sheets.some((name) => name.normalize('NFKC') === PUBLISHED_SHEET)
    ? { sheet: PUBLISHED_SHEET }
    : {};
}

async function findHeader(file: InputFile, options: OpenTableOptions): Promise<CitizensLayout> {
  const matcher = new HeaderMatcher(ANY_LAYOUT);
  const { rows } = await openTable(file, options);
  let smaller: { header: TableRow; match: HeaderMatch<CitizenColumn> } | null = null;
  let first: HeaderMatch<CitizenColumn> | null = null;
  const above: LineAbove[] = [];
  for await (const line of rows) {
    const match = matcher.match(line.cells);
    const { columns } = match;
    if (LONG.every((key) => columns.has(key)))
      return { kind: 'long', spec: specFor(match), options, above: [] };
    const hasFigures = FIGURES.some((key) => columns.has(key));
    if (hasFigures && columns.has('municipality'))
      return { kind: 'wide', spec: specFor(match), options, above };
    if (hasFigures && (columns.has('prefecture') || columns.has('category') || columns.has('code'))) {
      // Two columns of cards side by side are two dates or two kinds: which is which cannot be told.
      smaller = match.doubles.length === 0 ? { header: line, match } : null;
      first ??= match;
    } else if (smaller) {
      above.push({ line, header: smaller.header.cells, columns: smaller.match.columns });
    }
  }
  return { kind: 'wide', spec: first ? specFor(first) : ANY_LAYOUT, options, above: [] };
}

function specFor({ columns }: HeaderMatch<CitizenColumn>): TableSpec<CitizenColumn> {
  const keys = (['month', 'prefecture', 'municipality', 'category', 'code'] as const).filter((key) =>
    columns.has(key),
  );
  return {
    columns: COLUMNS,
    required: [[...columns.keys()]],
    keyColumn: keys[0]!,
    // A percent cell holds a fraction of up to 15 digits, which may look like an individual number.
    exemptFromNumberCheck: columns.has('ownedRate') ? 'ownedRate' : 'issuedRate',
  };
}
