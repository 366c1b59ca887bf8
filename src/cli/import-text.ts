import type { ReorganisationReport } from '../adoption/reorganisation-import.service.js';
import { formatCount, formatDate, formatPercent } from '../platform/japanese-format.js';
import { isRefused, type ImportReport } from '../platform/imports/import-report.js';
import { table } from './command-line.js';

const COUNT_LABELS: Record<ImportReport['kind'], readonly (readonly [string, string])[]> = {
  roster: [
    ['joined', '採用'],
    ['left', '退職'],
    ['moved', '異動'],
    ['changed', '変更'],
    ['renumbered', '職員番号の変更'],
    ['unchanged', '変更なし'],
  ],
  reorganisation: [
    ['unitsCreated', '新設'],
    ['unitsRenamed', '名称変更'],
    ['unitsMoved', '移管'],
    ['unitsMerged', '統合'],
    ['unitsSplit', '分割'],
    ['unitsAbolished', '廃止'],
    ['peopleMoved', '移る職員'],
  ],
  status: [
    ['recorded', '記録'],
    ['unchanged', '変更なし'],
    ['unknownStaff', '名簿にない職員'],
  ],
  citizens: [
    ['areas', '団体'],
    ['recorded', '記録'],
    ['unchanged', '変更なし'],
  ],
};

const KIND_LABELS: Record<ImportReport['kind'], string> = {
  roster: '名簿',
  reorganisation: '組織改正',
  status: '取得状況',
  citizens: '市民の取得率',
};

/** The report of an import as a person at a terminal reads it: what happened first, then what to put right. */
export function describeImport(report: ImportReport): string {
  const lines = [headline(report)];
  lines.push(
    `  文字コード ${report.encoding ?? '不明'}、見出し ${report.headerRow ?? '-'}行目、データ ${formatCount(report.rows)}行、読み飛ばし ${formatCount(report.skippedRows)}行`,
  );
  if (!isRefused(report)) {
    lines.push(`  ${describeCounts(report)}`);
    if (report.kind === 'reorganisation') lines.push(...describeReorganisation(report));
  } else {
    const rows = report.problems.map((problem) => [
      problem.row === null
        ? (problem.file ?? '')
        : `${problem.file ? `${problem.file} ` : ''}${problem.row}行`,
      problem.column,
      problem.read === '' ? '' : `「${problem.read}」`,
      problem.fix,
    ]);
    lines.push(table([['行', '列', '読み取った値', '直し方'], ...rows], ['right', 'left', 'left', 'left']));
    if (report.problemCount > report.problems.length)
      lines.push(`  ほか${formatCount(report.problemCount - report.problems.length)}件`);
  }
  for (const warning of report.warnings) {
    lines.push(
      `  お知らせ: ${warning.row === null ? '' : `${warning.row}行目 ${warning.column} `}${warning.message}`,
    );
  }
  return lines.join('\n');
}

export function describeCounts(report: ImportReport): string {
  return COUNT_LABELS[report.kind]
    .filter(([key]) => key !== 'renumbered' || Number(report[key] ?? 0) > 0)
    .map(([key, label]) => `${label} ${formatCount(Number(report[key] ?? 0))}`)
    .join('、');
}

/** Who goes where, and what the figures become on the day. */
function describeReorganisation(report: ImportReport): string[] {
  const { asOf, transfers, transferCount, figures, figureCount } = report as unknown as ReorganisationReport;
  const lines = [`  ${formatDate(asOf)}から`];
  if (transfers.length > 0) {
    const rows = transfers.map(({ from, to, people }) => [unit(from), unit(to), formatCount(people)]);
    lines.push(
      '',
      table([['所属', '移る先', '人数'], ...rows], ['left', 'left', 'right']),
      ...rest(transfers, transferCount),
    );
  }
  if (figures.length > 0) {
    const rows = figures.map(({ before, after, ...it }) => [
      `${'  '.repeat(it.depth)}${unit(it)}`,
      ...(['staff', 'held'] as const).flatMap((key) =>
        [before, after].map((side) => (side ? formatCount(side[key]) : '-')),
      ),
      ...[before, after].map((side) => (side ? formatPercent(side.rate) : '-')),
    ]);
    const head = ['所属', '在籍 前', '後', '保有 前', '後', '保有率 前', '後'];
    lines.push(
      '',
      table([head, ...rows], ['left', ...Array(6).fill('right')] as ('left' | 'right')[]),
      ...rest(figures, figureCount),
    );
  }
  return lines;
}

function unit({ name, code }: { readonly name: string; readonly code: string }): string {
  return `${name}(${code})`;
}

function rest(shown: readonly unknown[], all: number): string[] {
  return all > shown.length ? [`  ほか${formatCount(all - shown.length)}件`] : [];
}

function headline(report: ImportReport): string {
  const what = `${KIND_LABELS[report.kind]} ${report.file}`;
  if (isRefused(report))
    return `${what}: ${formatCount(report.problemCount)}件を直すと取り込めます。何も変更していません。`;
  return report.dryRun
    ? `${what}: 取り込めます(確認のみ。何も変更していません)。`
    : `${what}: 取り込みました。`;
}
