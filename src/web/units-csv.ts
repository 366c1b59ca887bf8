import type { UnitLine } from '../adoption/adoption.types.js';
import type { IsoDate } from '../platform/month.js';
import { definitionWords, type DefinitionName } from '../adoption/definition.js';
import { oneDecimal, renderCsvTable } from '../platform/tabular/csv-text.js';

export function renderUnitsCsv(
  lines: readonly UnitLine[],
  asOf: IsoDate,
  definition: DefinitionName,
): Buffer {
  const rows = lines.map((line) => [
    asOf,
    line.unit.code,
    line.unit.name,
    line.remaining,
    line.held,
    line.staff,
    oneDecimal(line.rate),
    definitionWords(definition),
  ]);
  const header = [
    '時点',
    '所属コード',
    '所属名',
    '残り(人)',
    '保有(人)',
    '職員(人)',
    '保有率(%)',
    '集計定義',
  ];
  return renderCsvTable([header, ...rows]);
}
