import { writeXlsx, type WriteSheet } from 'hucre/xlsx';
import { rateAxis } from '../platform/chart.js';
import type { ReportDocument } from './report-document.js';
import {
  changeTitle,
  citizensNote,
  citizensTitle,
  definitionLines,
  departmentName,
  hasMergedLine,
  METRIC_WORDS,
  REPORT_TITLE,
  reportByline,
  reportHeadline,
  smallGroupNote,
  trendTitle,
} from './report-text.js';
import {
  dateCell,
  figure,
  figureHeader,
  monthCell,
  sheetCells,
  text,
  unitHeader,
  type Format,
  type StyledCell,
} from './xlsx-rows.js';

/** The workbook: an overview to read, the departments and the months to calculate with. */
export async function renderXlsx(document: ReportDocument): Promise<Buffer> {
  const closedAt = new Date(document.closedAt);
  const bytes = await writeXlsx({
    sheets: [overview(document), departments(document), trend(document)],
    defaultFont: { name: 'BIZ UDPゴシック', size: 11 },
    properties: {
      title: `${REPORT_TITLE} ${document.month}`,
      description: reportHeadline(document),
      creator: document.city.contact,
      company: document.city.name,
      // The close, never the time of writing: the same document gives the same bytes.
      created: closedAt,
      modified: closedAt,
    },
  });
  return Buffer.from(bytes);
}

function overview(document: ReportDocument): WriteSheet {
  const { headline, change, asOf } = document;
  const people = (label: string, count: number) => item(label, count, 'count', '人');
  const rows: StyledCell[][] = [
    ...titleRows(document),
    [text(reportHeadline(document), 'title')],
    [],
    section('現在の保有率'),
    item('保有率', headline.rate, 'rate', '%'),
    people('保有する職員', headline.held),
    people('在籍職員', headline.staff),
    item('目標', headline.goal.rate, 'rate', '%'),
    ...(headline.goal.by ? [[text('目標の期日'), dateCell(headline.goal.by), text('')]] : []),
    people('目標までの残り', headline.remaining),
    [text('時点'), dateCell(asOf), text('')],
    [],
    section('在籍職員の取得状況'),
    people('保有', headline.held),
    people('申請中', headline.applied),
    people('未申請', headline.notApplied),
    people('回答しない', headline.undisclosed),
    people('未回答', headline.unanswered),
    people('失効・返納', headline.lapsed),
    people('うち承認された例外(上の内訳と重複)', headline.exempt),
    [],
  ];
  if (change) {
    rows.push(
      section(changeTitle(document)),
      item('保有率', change.points, 'points', 'ポイント'),
      item('保有する職員', change.held, 'signedCount', '人'),
      item('在籍職員', change.staff, 'signedCount', '人'),
      [],
    );
  }
  rows.push(...citizenRows(document), section('定義'));
  for (const { term, text: words } of definitionLines(document))
    rows.push([text(term, 'text'), text(words, 'text')]);
  return {
    name: '概要',
    ...sheetCells(rows),
    columns: [36, 17, 12, 17, 18, 18, 24].map((width) => ({ width })),
    ...print(document),
    a11y: { summary: reportHeadline(document) },
  };
}

function citizenRows(document: ReportDocument): StyledCell[][] {
  const { citizens, headline, asOf } = document;
  if (citizens.length === 0) return [];
  return [
    [text(citizensTitle(document), 'section'), ...Array.from({ length: 6 }, () => text('', 'section'))],
    [
      text('対象', 'header'),
      figureHeader('割合(%)'),
      unitHeader('指標'),
      figureHeader('時点'),
      figureHeader('枚数・保有者(人)'),
      figureHeader('人口・職員(人)'),
      figureHeader('職員との差(ポイント)'),
    ],
    [
      text('職員'),
      figure(headline.rate, 'rate'),
      text('保有', 'unit'),
      dateCell(asOf),
      figure(headline.held, 'count'),
      figure(headline.staff, 'count'),
      figure(null, 'points'),
    ],
    ...citizens.map((line) => [
      text(line.area),
      figure(line.rate, 'rate'),
      text(METRIC_WORDS[line.metric], 'unit'),
      dateCell(line.asOf),
      figure(line.cards, 'count'),
      figure(line.population, 'count'),
      figure(line.differencePoints, 'points'),
    ]),
    [text(citizensNote(document), 'note')],
    [],
  ];
}

function departments(document: ReportDocument): WriteSheet {
  const { headline, change } = document;
  const header = [
    text('所属コード', 'header'),
    text('所属名', 'header'),
    figureHeader('職員数(人)'),
    figureHeader('保有(人)'),
    figureHeader('残り(人)'),
    figureHeader('保有率(%)'),
    figureHeader('先月末からの変化(ポイント)'),
  ];
  const lines = document.departments.map((line) => [
    text(line.code),
    text(departmentName(line)),
    figure(line.staff, 'count'),
    figure(line.held, 'count'),
    figure(line.remaining, 'count'),
    figure(line.rate, 'rate'),
    figure(line.changePoints, 'points'),
  ]);
  const total = [
    text('', 'total'),
    text('合計', 'total'),
    figure(headline.staff, 'count', 'total'),
    figure(headline.held, 'count', 'total'),
    figure(headline.remaining, 'count', 'total'),
    figure(headline.rate, 'rate', 'total'),
    figure(change?.points ?? null, 'points', 'total'),
  ];
  const notes = hasMergedLine(document) ? [[text(smallGroupNote(document), 'note')]] : [];
  const above = titleRows(document);
  const headerRow = above.length + 1;
  return {
    name: '所属別',
    ...sheetCells([...above, header, ...lines, total, ...notes]),
    columns: [13, 32, 13, 13, 13, 13, 28].map((width) => ({ width })),
    freezePane: { rows: headerRow, columns: 2 },
    // Without the total, which must stay at the bottom when the rows are sorted.
    autoFilter: { range: `A${headerRow}:G${headerRow + lines.length}` },
    ...print(document, headerRow),
    a11y: { summary: '所属別の職員数・保有・残り・保有率', headerRow: above.length },
  };
}

function trend(document: ReportDocument): WriteSheet {
  const { trend: months, headline } = document;
  const above = titleRows(document);
  const headerRow = above.length + 1;
  const header = [
    text('月末', 'header'),
    figureHeader('職員数(人)'),
    figureHeader('保有(人)'),
    figureHeader('保有率(%)'),
    figureHeader('目標(%)'),
  ];
  const lines = months.map((point) => [
    monthCell(point.month),
    figure(point.staff, 'count'),
    figure(point.held, 'count'),
    figure(point.rate, 'rate'),
    figure(headline.goal.rate, 'rate'),
  ]);
  const axis = rateAxis(
    months.flatMap(({ rate }) => (rate === null ? [] : [rate])),
    headline.goal.rate,
  );
  const column = (letter: string) => `$${letter}$${headerRow + 1}:$${letter}$${headerRow + lines.length}`;
  return {
    name: '推移',
    ...sheetCells([...above, header, ...lines]),
    columns: [14, 12, 12, 12, 12].map((width) => ({ width })),
    freezePane: { rows: headerRow },
    charts: [
      {
        type: 'line',
        title: trendTitle(document),
        series: [
          { name: '保有率(%)', values: column('D'), categories: column('A'), color: '0017C1' },
          { name: '目標(%)', values: column('E'), categories: column('A'), color: '666666' },
        ],
        anchor: { from: { row: above.length, col: 6 }, to: { row: above.length + 18, col: 15 } },
        legend: 'bottom',
        axes: {
          y: { scale: { min: axis.low, max: axis.high, majorUnit: 10 }, numberFormat: { formatCode: '0' } },
        },
      },
    ],
    ...print(document, headerRow),
    a11y: { summary: trendTitle(document), headerRow: above.length },
  };
}

function titleRows(document: ReportDocument): StyledCell[][] {
  return [[text(REPORT_TITLE, 'text')], [text(reportByline(document), 'note')], []];
}

function section(title: string): StyledCell[] {
  return [text(title, 'section'), text('', 'section'), text('', 'section')];
}

function item(label: string, value: number | null, format: Format, unit: string): StyledCell[] {
  return [text(label), figure(value, format), text(unit, 'unit')];
}

/** A4 landscape, as wide as the page, header rows repeated, page numbers below. */
function print(
  document: ReportDocument,
  headerRow?: number,
): Pick<WriteSheet, 'pageSetup' | 'headerFooter' | 'view'> {
  return {
    pageSetup: {
      paperSize: 'a4',
      orientation: 'landscape',
      fitToPage: true,
      fitToWidth: 1,
      fitToHeight: headerRow === undefined ? 1 : 0,
      horizontalCentered: true,
      margins: { top: 0.6, bottom: 0.6, left: 0.5, right: 0.5, header: 0.3, footer: 0.3 },
      ...(headerRow === undefined ? {} : { printTitlesRow: `$${headerRow}:$${headerRow}` }),
    },
    headerFooter: { oddFooter: `&L${escapeFooter(reportByline(document))}&R&P / &N` },
    view: { showGridLines: false },
  };
}

/** In headers and footers `&` starts a code. */
function escapeFooter(words: string): string {
  return words.replaceAll('&', '&&');
}
