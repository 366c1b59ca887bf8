/** What all messages about units are made of: no queries, no names of people. */
import type { CitizenComparison, UnitLine } from '../adoption/adoption.types.js';
import { isSmall, LEADERSHIP } from '../adoption/suppression.js';
import {
  formatCount,
  formatDate,
  formatGoalRate,
  formatMonthOfYear,
  formatPercent,
} from '../platform/japanese-format.js';
import type { IsoDate } from '../platform/month.js';
import { contactOf } from './message-contact.js';
import type { UnitContacts } from './manager-audience.query.js';
import type { MessageContext } from './planned-wave.js';

export interface UnitMessageFacts {
  readonly on: IsoDate;
  readonly asOf: IsoDate;
  readonly goalRate: number;
  readonly city: { readonly name: string; readonly areaCode: string | null; readonly contact: string };
  readonly citizens: readonly CitizenComparison[];
  /** Every unit of the organisation, parents before children. */
  readonly lines: readonly UnitLine[];
  /** Of every unit with staff. */
  readonly contacts: readonly UnitContacts[];
  /** Whether the city lets managers see names. */
  readonly managersSeeNames: boolean;
  readonly baseUrl: string;
  /** Whether a unit's chat room may get it: instead of mail, only where no manager can be written to, or (unless given) never. */
  readonly chat?: 'first' | 'without-manager';
  /** Units that the policy has spoken of so lately that it may not again. */
  readonly toldLately?: ReadonlySet<number>;
}

/** What every message about units may say. */
export interface UnitMessageContext extends MessageContext {
  readonly unitCode: string;
  readonly unitWord: string;
  readonly asOf: string;
  readonly monthEnd: string;
  readonly goalRate: string;
  readonly url: string;
}

export interface Figures {
  readonly name: string;
  readonly rate: string;
  readonly people: string;
}

export interface RemainingFigures extends Figures {
  readonly remaining: string;
}

export interface CitizenFigures {
  readonly name: string;
  readonly rate: string;
  readonly definition: string;
}

const COUNTS_FOR_MANAGERS =
  '職員一人ひとりの回答を見るのは人事課の担当者だけです。所属長には人数だけをお伝えします。';
const NAMES_FOR_MANAGERS =
  '職員一人ひとりの回答を見るのは人事課の担当者だけです。団体の設定により、所属長には自分の所属の職員の氏名と保有の有無を表示しています。';

export function unitContext(facts: UnitMessageFacts, main: UnitLine): UnitMessageContext {
  return {
    city: facts.city.name,
    contact: contactOf(facts.city),
    whoSees: facts.managersSeeNames ? NAMES_FOR_MANAGERS : COUNTS_FOR_MANAGERS,
    writtenOn: formatDate(facts.on),
    unitCode: main.unit.code,
    unitWord: unitWordOf(main.unit),
    asOf: formatDate(facts.asOf),
    monthEnd: `${formatMonthOfYear(facts.asOf)}末`,
    goalRate: formatGoalRate(facts.goalRate),
    url: `${facts.baseUrl}/units/${encodeURIComponent(main.unit.code)}`,
  };
}

/** Only where the name says so as well: whoever leads a 保健所 or a センター of the rank of a 課 is called something else. */
function unitWordOf({ kind, name }: UnitLine['unit']): string {
  return /^(局|部|課|室|係)$/.test(kind) && name.endsWith(kind) ? kind : '所属';
}

/** 局長, 部長 …, 所属長 */
export function leaderWord(unitWord: string): string {
  return `${unitWord}長`;
}

/** A mailbox or a chat room is read by more people than the manager, who alone may know figures this small. */
export function mayTellOwn(main: UnitLine, toManager: boolean): boolean {
  return toManager || !isSmall(main, LEADERSHIP.threshold);
}

export function figures(line: Pick<UnitLine, 'rate' | 'held' | 'staff'>, name: string): Figures {
  return {
    name,
    rate: formatPercent(line.rate),
    people: `${formatCount(line.held)} / ${formatCount(line.staff)}人`,
  };
}

export function ownFigures(line: UnitLine): RemainingFigures {
  return { ...figures(line, line.unit.name), remaining: formatCount(line.remaining) };
}

/** The city's own citizens; while those are not imported, the first area it compares itself with. */
export function citizenFigures({
  citizens,
  city,
}: Pick<UnitMessageFacts, 'citizens' | 'city'>): CitizenFigures[] {
  const figure = citizens.find((citizen) => citizen.code === city.areaCode) ?? citizens[0];
  if (!figure) return [];
  return [
    {
      name: figure.code === city.areaCode ? '市民' : `住民(${figure.area})`,
      rate: formatPercent(figure.rate),
      definition: `${figure.metric === 'issued' ? '交付' : '保有'}、${formatDate(figure.asOf)}`,
    },
  ];
}
