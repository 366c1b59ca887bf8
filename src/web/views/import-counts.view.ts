import type { ImportKind, ImportReport } from '../../platform/imports/import-report.js';

/** Counts of each kind of import, in the order they are read; the first one names the button. */
const COUNTS: Record<ImportKind, readonly [key: string, label: string, unit: string][]> = {
  roster: [
    ['joined', '採用', '人'],
    ['left', '退職', '人'],
    ['moved', '異動', '人'],
    ['changed', '変更', '人'],
    ['renumbered', '番号の変更', '人'],
    ['unchanged', '変更なし', '人'],
  ],
  reorganisation: [
    ['unitsCreated', '新設', '所属'],
    ['unitsRenamed', '名称変更', '所属'],
    ['unitsMoved', '移管', '所属'],
    ['unitsMerged', '統合', '所属'],
    ['unitsSplit', '分割', '所属'],
    ['unitsAbolished', '廃止', '所属'],
    ['peopleMoved', '移る職員', '人'],
  ],
  status: [
    ['recorded', '記録', '件'],
    ['unchanged', '変更なし', '件'],
    ['unknownStaff', '名簿にない番号', '件'],
  ],
  citizens: [
    ['areas', '団体', '件'],
    ['unmatched', '照合できない', '件'],
  ],
};

/** What most files do not bring is left out where there is none of it. */
const ONLY_IF_ANY = new Set([
  'renumbered',
  'unitsCreated',
  'unitsRenamed',
  'unitsMoved',
  'unitsMerged',
  'unitsSplit',
  'unitsAbolished',
]);

/** The counts of a report, in the order they are read. */
export function toCounts(
  kind: ImportKind,
  report: ImportReport,
): { label: string; value: number; unit: string }[] {
  return COUNTS[kind]
    .filter(([key]) => !ONLY_IF_ANY.has(key) || countOf(report, key) > 0)
    .map(([key, label, unit]) => ({ label, value: countOf(report, key), unit }));
}

/** Some counts come as the list of what was counted. */
export function countOf(report: ImportReport, key: string): number {
  const value = report[key];
  if (Array.isArray(value)) return value.length;
  return typeof value === 'number' ? value : 0;
}
