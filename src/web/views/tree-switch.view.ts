import type { UnitAdoption } from '../../adoption/adoption.types.js';
import { elsewhereWords } from '../../adoption/tree.js';
import { formatDate } from '../../platform/japanese-format.js';
import { unitHref } from './unit-rows.view.js';

/** The same figures in the organisation of their day and in today's, as two links. */
export interface TreeSwitchView {
  readonly restated: boolean;
  readonly thenHref: string;
  readonly nowHref: string;
  /** What restated figures are. */
  readonly note: string;
  readonly elsewhere: string | null;
}

export function toTreeSwitch(adoption: UnitAdoption): TreeSwitchView {
  const { unit, asOf, tree } = adoption;
  return {
    restated: tree === 'now',
    thenHref: unitHref(unit.code, asOf),
    nowHref: unitHref(unit.code, asOf, 'now'),
    note: `${formatDate(asOf)}の職員を、その日の所属のまま、${formatDate(adoption.treeAsOf!)}の組織の形で数えています。その日に公表・報告した数字とは異なることがあり、締めた月の数字は変わりません。職員の一覧は「当時の組織」で表示します。`,
    elsewhere: elsewhereWords(adoption),
  };
}
