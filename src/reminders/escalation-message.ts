/** Who hears about which units that stay below the citizens: no queries, no names of people. */
import type { CitizenComparison, UnitLine } from '../adoption/adoption.types.js';
import { formatPercent } from '../platform/japanese-format.js';
import type { DigestFacts } from './digest-message.js';
import type { PlannedMessage } from './planned-wave.js';
import { plannedMessages, UnitAddressees } from './unit-addressees.js';
import {
  citizenFigures,
  leaderWord,
  ownFigures,
  unitContext,
  type CitizenFigures,
  type RemainingFigures,
  type UnitMessageContext,
} from './unit-message.js';
import { namedBelow } from './units-below.js';
import { deadlineOf, deadlineWords } from './wave-dates.js';

export interface EscalationFacts extends DigestFacts {
  /** What had been published at the month end before. */
  readonly citizensBefore: readonly CitizenComparison[];
}

export interface EscalationContext extends UnitMessageContext {
  readonly leader: string;
  readonly deadline: string;
  readonly deadlineShort: string;
  readonly own: { readonly name: string };
  readonly citizens: readonly CitizenFigures[];
  /** In the organisation's order, with the rate of the month end before. */
  readonly units: readonly (RemainingFigures & { readonly rateBefore: string })[];
}

/**
 * Below the city's own citizens, by one and the same metric, at this month end and at the one before. A unit that was not
 * there a month ago has not been behind for two.
 */
export function unitsBehind({ lines, history, citizens, citizensBefore, city }: EscalationFacts): UnitLine[] {
  const now = citizens.find(({ code }) => code === city.areaCode);
  const before = citizensBefore.find(({ code, metric }) => code === now?.code && metric === now?.metric);
  if (!now || !before) return [];
  const last = linesBefore(history);
  return lines.filter(
    (line) =>
      line.parentCode !== null && isBelow(line, now.rate) && isBelow(last.get(line.unitId), before.rate),
  );
}

/** One message for each leader of the next level up, about those units of theirs that may be named. */
export function planEscalations(
  facts: EscalationFacts,
): (PlannedMessage & { readonly context: EscalationContext })[] {
  const named = new Map<string, Set<string>>();
  const namedTo = (leads: UnitLine) => {
    const known = named.get(leads.unit.code) ?? namedBelow(facts.history, leads.unit.code);
    named.set(leads.unit.code, known);
    return known;
  };
  const addressees = new UnitAddressees(facts);
  const addressed = addressees.leadersOf(unitsBehind(facts), ({ unit }, leads) =>
    namedTo(leads).has(unit.code),
  );
  const deadline = deadlineWords(deadlineOf(facts.on));
  const last = linesBefore(facts.history);
  return plannedMessages(addressed, facts, (_to, units, leads) => {
    const context = unitContext(facts, leads);
    return {
      ...context,
      leader: leaderWord(context.unitWord),
      ...deadline,
      own: { name: leads.unit.name },
      citizens: citizenFigures(facts),
      units: units.map((line) => ({
        ...ownFigures(line),
        rateBefore: formatPercent(last.get(line.unitId)?.rate ?? null),
      })),
    };
  });
}

function linesBefore(history: DigestFacts['history']): ReadonlyMap<number, UnitLine> {
  return new Map((history[1] ?? []).map((line) => [line.unitId, line]));
}

/** As the rates are shown: nobody is behind by what cannot be seen. */
function isBelow(line: UnitLine | undefined, rate: number): boolean {
  return line !== undefined && line.rate !== null && line.rate < rate;
}
