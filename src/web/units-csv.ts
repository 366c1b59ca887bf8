import type { UnitLine } from '../adoption/adoption.types.js';
import type { IsoDate } from '../platform/month.js';
import { definitionWords, type DefinitionName } from '../adoption/definition.js';
import { oneDecimal, renderCsvTable } from '../platform/tabular/csv-text.js';

/** `treeAsOf`: the day whose organisation the figures stand in; their own, unless they are restated. */
export function renderUnitsCsv(
  lines: readonly UnitLine[],
  asOf: IsoDate,
  { definition, treeAsOf }: { readonly definition: DefinitionName; readonly treeAsOf: IsoDate },
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
    treeAsOf,
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
    '組織の時点',
  ];
  return renderCsvTable([header, ...rows]);
}
