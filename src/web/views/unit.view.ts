import { definitionWords, type DefinitionName } from '../../adoption/definition.js';
import type { Trend, UnitAdoption, UnitLine } from '../../adoption/adoption.types.js';
import { treeWords } from '../../adoption/tree.js';
import {
  CARD_STATUS_LABELS,
  CARD_STATUSES,
  EVIDENCE_LABELS,
  isCardStatus,
  type CardStatus,
  type Evidence,
} from '../../ledger/card-status.js';
import type { UnitNames } from '../../ledger/unit-names.service.js';
import { formatCount, formatDate, formatMonth, formatPercent } from '../../platform/japanese-format.js';
import { EXPIRING_MONTHS } from '../../ledger/expiring.query.js';
import type { IsoDate, IsoMonth } from '../../platform/month.js';
import type { AsOfChoice } from './as-of.view.js';
import {
  findingOf,
  STATUS_ICONS,
  toFigureView,
  toStatusCounts,
  type FigureView,
  type StatusCountView,
} from './figure.view.js';
import { COLUMN_CHARTS, toChangeView, toTrendView, type ChangeView, type TrendView } from './trend.view.js';
import { staffHref } from './staff.view.js';
import { toTreeSwitch, type TreeSwitchView } from './tree-switch.view.js';
import { changesHref, toUnitTable, unitHref, type UnitTableView } from './unit-rows.view.js';

/** A person in HR's list. */
export interface StaffRow {
  readonly number: string;
  readonly name: string;
  readonly unitName: string;
  readonly employment: string;
  readonly leave: string;
  readonly status: CardStatus;
  /** Null where nothing has been recorded. */
  readonly evidence: Evidence | null;
  readonly effectiveOn: IsoDate | null;
  readonly expiresOn: IsoMonth | null;
  /** In an approved exception on that day. */
  readonly exempt: boolean;
  /** Whether the day's figures count the person. */
  readonly isCounted: boolean;
}

export interface StaffPage {
  readonly rows: readonly StaffRow[];
  /** All that match the filters. */
  readonly total: number;
  /** Position of the first row, from 1. */
  readonly from: number;
  readonly filters: { readonly status?: string; readonly q?: string; readonly expiring?: number };
  /** People whose card expires soon, and the query string that lists them. */
  readonly expiring: number;
  readonly expiringQuery: string;
  /** Query string of the first page; null when this is it. */
  readonly first: string | null;
  /** Query string of the page after; null at the end. */
  readonly next: string | null;
}

export interface UnitInput {
  readonly adoption: UnitAdoption;
  readonly trend: Trend;
  readonly children: readonly UnitLine[];
  readonly childTrends: readonly Trend[];
  /** Names from below the root down to the unit itself. */
  readonly path: readonly string[];
  /** Rate of the whole organisation, where the reader may see it. */
  readonly overallRate: number | null;
  readonly seesStatuses: boolean;
  readonly asOfChoices: readonly AsOfChoice[];
  /** HR only. */
  readonly staff: StaffPage | null;
  /** Managers, where the city lets them see names: whether each of the own people holds a card, and no more. */
  readonly people: UnitNames | null;
}

export interface UnitView {
  readonly place: string;
  readonly heading: string;
  readonly asOf: IsoDate;
  readonly asOfAction: string;
  readonly asOfChoices: readonly AsOfChoice[];
  /** The page speaks of today's organisation. */
  readonly restated: boolean;
  readonly tree: string;
  readonly treeSwitch: TreeSwitchView;
  readonly figure: FigureView;
  readonly change: ChangeView | null;
  /** Why the figures changed; null where the page does not say that they did. */
  readonly changesHref: string | null;
  readonly definition: string;
  readonly overall: string | null;
  /** Null for readers who see counts only. */
  readonly statuses: readonly StatusCountView[] | null;
  readonly exempt: number | null;
  readonly trend: TrendView | null;
  readonly children: UnitTableView | null;
  readonly csvHref: string;
  readonly staff: StaffListView | null;
  readonly people: {
    readonly heading: string;
    readonly rows: readonly { readonly name: string; readonly held: boolean }[];
  } | null;
}

export interface StaffListView {
  readonly heading: string;
  readonly caption: string;
  readonly action: string;
  readonly asOf: IsoDate;
  readonly q: string;
  readonly statusChoices: readonly {
    readonly value: string;
    readonly label: string;
    readonly selected: boolean;
  }[];
  /** Link to the people whose card expires soon; null where there are none. */
  readonly expiring: { readonly label: string; readonly href: string; readonly current: boolean } | null;
  readonly rows: readonly StaffRowView[];
  readonly firstHref: string | null;
  readonly nextHref: string | null;
}

export interface StaffRowView {
  readonly number: string;
  readonly href: string;
  readonly name: string;
  readonly unitName: string;
  readonly employment: string;
  readonly shape: string;
  readonly statusLabel: string;
  readonly statusClass: string;
  /** `有効期限 2027年3月`; empty where none is known. */
  readonly expires: string;
  readonly exempt: boolean;
  readonly uncounted: boolean;
  /** `本人 10月3日`; `-` where nothing has been recorded. */
  readonly record: string;
}

export function toUnitView(input: UnitInput): UnitView {
  const { adoption, trend } = input;
  const { unit, asOf, staff, held } = adoption;
  const change = toChangeView(trend, adoption);
  return {
    place: input.path.length === 0 ? unit.name : input.path.join(' '),
    heading:
      input.seesStatuses || staff === 0 || held === staff ? findingOf(adoption) : countsFinding(adoption),
    asOf,
    asOfAction: unitHref(unit.code),
    asOfChoices: input.asOfChoices,
    restated: adoption.tree === 'now',
    tree: treeWords(adoption),
    treeSwitch: toTreeSwitch(adoption),
    figure: toFigureView(adoption, 20),
    change,
    changesHref: change && adoption.tree === 'then' ? changesHref(unit.code, change.sinceDate, asOf) : null,
    definition: definitionWords(adoption.definition),
    overall: input.overallRate === null ? null : formatPercent(input.overallRate),
    statuses: input.seesStatuses ? toStatusCounts(adoption) : null,
    exempt: input.seesStatuses && adoption.exempt > 0 ? adoption.exempt : null,
    trend: toTrendView(unit.name, trend, adoption, COLUMN_CHARTS),
    children:
      input.children.length === 0
        ? null
        : toUnitTable({
            adoption,
            trend,
            lines: input.children,
            lineTrends: input.childTrends,
          }),
    csvHref: `/units/${encodeURIComponent(unit.code)}/children.csv?asOf=${asOf}${adoption.tree === 'now' ? '&tree=now' : ''}`,
    staff: input.staff && toStaffListView(input.staff, unitHref(unit.code), asOf),
    people: input.people && {
      heading: `この所属の職員 ${formatCount(input.people.people.length)}人(${formatDate(input.people.asOf)}時点)`,
      rows: input.people.people,
    },
  };
}

/** People before per cent: a manager talks to people. */
function countsFinding({ staff, held, remaining }: UnitAdoption): string {
  const rest = remaining > 0 ? `残り${formatCount(remaining)}人` : '目標に届いています';
  return `${formatCount(staff)}人中${formatCount(held)}人が保有、${rest}`;
}

function toStaffListView(page: StaffPage, action: string, asOf: IsoDate): StaffListView {
  const { rows, total, from, filters } = page;
  const range =
    rows.length === 0 ? '' : `${formatCount(from)}〜${formatCount(from + rows.length - 1)}人目 / `;
  return {
    heading:
      filters.status || filters.q || filters.expiring
        ? `職員 ${formatCount(total)}人が該当`
        : `職員 ${formatCount(total)}人`,
    caption: `${range}${formatCount(total)}人`,
    action,
    asOf,
    q: filters.q ?? '',
    statusChoices: [
      { value: '', label: 'すべて', selected: !filters.status },
      ...CARD_STATUSES.map((status) => ({
        value: status,
        label: CARD_STATUS_LABELS[status],
        selected: filters.status === status,
      })),
    ],
    expiring:
      page.expiring === 0 && !filters.expiring
        ? null
        : {
            label: `有効期限が${EXPIRING_MONTHS}か月以内 ${formatCount(page.expiring)}人`,
            href: `${action}?${page.expiringQuery}#u-staff`,
            current: filters.expiring === EXPIRING_MONTHS,
          },
    rows: rows.map(toStaffRowView),
    firstHref: page.first === null ? null : `${action}?${page.first}`,
    nextHref: page.next === null ? null : `${action}?${page.next}`,
  };
}

function toStaffRowView(row: StaffRow): StaffRowView {
  const day = row.effectiveOn === null ? '' : ` ${formatDate(row.effectiveOn)}`;
  return {
    number: row.number,
    href: staffHref(row.number),
    name: row.name,
    unitName: row.unitName,
    employment: [row.employment, row.leave].filter(Boolean).join('、') || '-',
    shape: STATUS_ICONS[row.status],
    statusLabel: CARD_STATUS_LABELS[row.status],
    statusClass: row.status === 'held' ? 'st--held' : '',
    expires: row.expiresOn === null ? '' : `有効期限 ${formatMonth(row.expiresOn)}`,
    exempt: row.exempt,
    uncounted: !row.isCounted,
    record: row.evidence === null ? '-' : `${EVIDENCE_LABELS[row.evidence]}${day}`,
  };
}

/** What a filter may ask for; anything else is no filter. */
export function readStatusFilter(text: string | undefined): CardStatus | undefined {
  return text !== undefined && isCardStatus(text) ? text : undefined;
}

/** Months, 1 to 12; anything else is no filter. */
export function readExpiringFilter(text: string | undefined): number | undefined {
  return text !== undefined && /^([1-9]|1[0-2])$/.test(text) ? Number(text) : undefined;
}

export interface UnitListView {
  readonly heading: string;
  readonly asOf: IsoDate;
  readonly asOfChoices: readonly AsOfChoice[];
  readonly definition: string;
  readonly rows: readonly {
    readonly name: string;
    readonly code: string;
    readonly kind: string;
    readonly href: string;
    /** 0 for the topmost; the style sheet indents up to 6. */
    readonly level: number;
    readonly staff: number;
    readonly held: number;
    readonly remaining: number;
    readonly rate: string;
  }[];
}

/** The tree, parents before children. */
export function toUnitListView(
  lines: readonly UnitLine[],
  asOf: IsoDate,
  asOfChoices: readonly AsOfChoice[],
  definition: DefinitionName,
): UnitListView {
  const top = Math.min(...lines.map((line) => line.depth));
  return {
    heading: lines.length === 0 ? '見られる所属がありません' : `所属の一覧(${formatCount(lines.length)}所属)`,
    asOf,
    asOfChoices,
    definition: definitionWords(definition),
    rows: lines.map((line) => ({
      name: line.unit.name,
      code: line.unit.code,
      kind: line.unit.kind || '-',
      href: unitHref(line.unit.code, asOf),
      level: Math.min(6, line.depth - top),
      staff: line.staff,
      held: line.held,
      remaining: line.remaining,
      rate: formatPercent(line.rate),
    })),
  };
}
