/** Who gets which message about which units, from the figures of a day: no queries, no names of people. */
import type { CitizenComparison, UnitLine } from '../adoption/adoption.types.js';
import {
  formatCount,
  formatDate,
  formatGoalRate,
  formatMonthOfYear,
  formatPercent,
} from '../platform/japanese-format.js';
import type { IsoDate } from '../platform/month.js';
import { isPlainAddress } from './mail-address.js';
import type { UnitContacts } from './manager-audience.query.js';
import type { MessageContext, PlannedMessage, SuppressionReason } from './planned-wave.js';
import { dayAndWeekday, deadlineOf, shortDay } from './wave-dates.js';

export interface ManagerMessageFacts {
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
}

export interface ManagerMessage extends PlannedMessage {
  readonly context: ManagerMessageContext;
}

interface Figures {
  readonly name: string;
  readonly rate: string;
  readonly people: string;
}

/** All a template may say. */
export interface ManagerMessageContext extends MessageContext {
  readonly unitCode: string;
  readonly unitWord: string;
  readonly deadline: string;
  readonly deadlineShort: string;
  readonly asOf: string;
  readonly monthEnd: string;
  readonly goalRate: string;
  readonly showOwn: boolean;
  readonly own: Figures & { readonly remaining: string };
  readonly comparisons: readonly Figures[];
  readonly citizens: readonly { readonly name: string; readonly rate: string; readonly definition: string }[];
  readonly others: readonly (Figures & { readonly remaining: string })[];
  readonly bar: { readonly filled: number; readonly toGoal: number; readonly beyond: number };
  readonly url: string;
}

/** The smallest group whose figures leave HR, except to the group's own manager. */
const SMALL_GROUP = 5;

const COUNTS_FOR_MANAGERS =
  '職員一人ひとりの回答を見るのは人事課の担当者だけです。所属長には人数だけをお伝えします。';
const NAMES_FOR_MANAGERS =
  '職員一人ひとりの回答を見るのは人事課の担当者だけです。団体の設定により、所属長には自分の所属の職員の氏名と保有の有無を表示しています。';

export function isBelowGoal(line: UnitLine): boolean {
  return line.staff > 0 && line.remaining > 0;
}

/** One message for every manager of a unit below the goal, in the organisation's order. */
export function planManagerMessages(facts: ManagerMessageFacts): ManagerMessage[] {
  const contacts = new Map(facts.contacts.map((contact) => [contact.unitId, contact]));
  const byCode = new Map(facts.lines.map((line) => [line.unit.code, line]));
  const recipients = new Map<string, Addressee & { units: UnitLine[] }>();
  for (const line of facts.lines.filter(isBelowGoal)) {
    const contact = contacts.get(line.unitId);
    if (isLedFromAbove(line, contact, contacts, byCode)) continue;
    for (const { recipient, ...rest } of recipientsOf(line, contact)) {
      const known = recipients.get(recipient);
      if (known) known.units.push(line);
      else recipients.set(recipient, { ...rest, units: [line] });
    }
  }
  const managed = unitsByManager(facts.lines, contacts);
  return [...recipients].map(([recipient, { staffId, address, reason, units }]) => {
    const known = staffId === null ? units : managed.get(staffId)!;
    return {
      recipient,
      staffId,
      unitId: units[0]!.unitId,
      unit: units[0]!.unit,
      address,
      suppressed: reason,
      personal: false,
      // Made when it is asked for: all of a wave at once would fill the memory.
      get context() {
        return {
          ...contextFor(facts, units, staffId !== null),
          comparisons: comparisons(byCode, units[0]!, known),
        };
      },
    };
  });
}

/**
 * A section (係) often has no manager of its own: its people are led by the manager of the nearest unit above that has
 * one, who gets the message of that unit. The organisation's top is led by the mayor, who gets the report.
 */
function isLedFromAbove(
  line: UnitLine,
  contact: UnitContacts | undefined,
  contacts: ReadonlyMap<number, UnitContacts>,
  byCode: ReadonlyMap<string, UnitLine>,
): boolean {
  if (!contact?.exists || contact.managers.length > 0 || contact.unitEmail !== null) return false;
  if (line.parentCode === null) return true;
  let unit = above(byCode, line);
  while (unit && !contacts.get(unit.unitId)?.managers.length) unit = above(byCode, unit);
  return unit !== undefined;
}

interface Addressee {
  readonly staffId: number | null;
  readonly address: string | null;
  readonly reason: SuppressionReason | null;
}

/** All the units whose figures a manager may know anyway, at the goal or not. */
function unitsByManager(
  lines: readonly UnitLine[],
  contacts: ReadonlyMap<number, UnitContacts>,
): Map<number, UnitLine[]> {
  const managed = new Map<number, UnitLine[]>();
  for (const line of lines) {
    for (const { staffId } of contacts.get(line.unitId)?.managers ?? []) {
      managed.set(staffId, [...(managed.get(staffId) ?? []), line]);
    }
  }
  return managed;
}

/** Its managers who can be written to; without any, the unit's own mailbox. */
function recipientsOf(
  line: UnitLine,
  contact: UnitContacts | undefined,
): (Addressee & { recipient: string })[] {
  const toUnit = (address: string | null, reason: SuppressionReason | null) => [
    { recipient: `unit:${line.unitId}`, staffId: null, address, reason },
  ];
  if (!contact?.exists) return toUnit(null, 'unit_ended');
  const reachable = contact.managers.filter(
    (manager) => manager.email !== null && isPlainAddress(manager.email),
  );
  if (reachable.length > 0) {
    return reachable.map(({ staffId, email }) => ({
      recipient: `staff:${staffId}`,
      staffId,
      address: email,
      reason: null,
    }));
  }
  if (contact.unitEmail !== null && isPlainAddress(contact.unitEmail)) return toUnit(contact.unitEmail, null);
  const written = contact.unitEmail !== null || contact.managers.some((manager) => manager.email !== null);
  return toUnit(null, written ? 'bad_address' : 'no_address');
}

function contextFor(
  facts: ManagerMessageFacts,
  units: readonly UnitLine[],
  toManager: boolean,
): Omit<ManagerMessageContext, 'comparisons'> {
  const [main, ...others] = units as [UnitLine, ...UnitLine[]];
  const deadline = deadlineOf(facts.on);
  return {
    city: facts.city.name,
    contact: facts.city.contact || `${facts.city.name} 人事課`,
    whoSees: facts.managersSeeNames ? NAMES_FOR_MANAGERS : COUNTS_FOR_MANAGERS,
    writtenOn: formatDate(facts.on),
    unitCode: main.unit.code,
    unitWord: /^(局|部|課|室|係)$/.test(main.unit.kind) ? main.unit.kind : '所属',
    deadline: dayAndWeekday(deadline),
    deadlineShort: shortDay(deadline),
    asOf: formatDate(facts.asOf),
    monthEnd: `${formatMonthOfYear(facts.asOf)}末`,
    goalRate: formatGoalRate(facts.goalRate),
    // A unit's mailbox is read by more people than its manager, who alone may know figures this small.
    showOwn: toManager || main.staff >= SMALL_GROUP,
    own: ownFigures(main),
    citizens: citizenFigures(facts),
    others: others.map(ownFigures),
    bar: bar(main.rate ?? 0, facts.goalRate),
    url: `${facts.baseUrl}/units/${encodeURIComponent(main.unit.code)}`,
  };
}

function figures(line: UnitLine, name: string): Figures {
  return {
    name,
    rate: formatPercent(line.rate),
    people: `${formatCount(line.held)} / ${formatCount(line.staff)}人`,
  };
}

function ownFigures(line: UnitLine): Figures & { remaining: string } {
  return { ...figures(line, line.unit.name), remaining: formatCount(line.remaining) };
}

/**
 * The unit above and the whole staff. Where the unit above minus the units the recipient knows would leave a small
 * group of other people, subtraction would tell about them: then the next unit further up stands in.
 */
function comparisons(
  byCode: ReadonlyMap<string, UnitLine>,
  main: UnitLine,
  known: readonly UnitLine[],
): Figures[] {
  const ancestors: UnitLine[] = [];
  for (let line = above(byCode, main); line; line = above(byCode, line)) ancestors.push(line);
  const city = ancestors.pop();
  if (!city) return [];
  const parent = ancestors.find((ancestor) => othersAreMany(byCode, ancestor, known));
  return [...(parent ? [figures(parent, parent.unit.name)] : []), figures(city, '全職員')];
}

function othersAreMany(
  byCode: ReadonlyMap<string, UnitLine>,
  ancestor: UnitLine,
  known: readonly UnitLine[],
): boolean {
  const codes = new Set(known.map((unit) => unit.unit.code));
  // Somebody who manages the unit above as well may know all of it.
  if (codes.has(ancestor.unit.code)) return true;
  let staff = ancestor.staff;
  let held = ancestor.held;
  for (const unit of known) {
    let line = above(byCode, unit);
    while (line && line !== ancestor && !codes.has(line.unit.code)) line = above(byCode, line);
    // Only the topmost of the known units below this ancestor: the others are counted within them.
    if (line !== ancestor) continue;
    staff -= unit.staff;
    held -= unit.held;
  }
  return !isSmall(staff) && !isSmall(held) && !isSmall(staff - held);
}

function isSmall(count: number): boolean {
  return count > 0 && count < SMALL_GROUP;
}

function above(byCode: ReadonlyMap<string, UnitLine>, line: UnitLine): UnitLine | undefined {
  return line.parentCode === null ? undefined : byCode.get(line.parentCode);
}

/** The city's own citizens; while those are not imported, the first area it compares itself with. */
function citizenFigures({ citizens, city }: ManagerMessageFacts): ManagerMessageContext['citizens'] {
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

/** Widths in whole per cent; only a full unit fills the bar. */
function bar(rate: number, goal: number): ManagerMessageContext['bar'] {
  const filled = Math.floor(rate);
  const mark = Math.max(filled, Math.round(goal));
  return { filled, toGoal: mark - filled, beyond: 100 - mark };
}
