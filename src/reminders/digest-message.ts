/** Who leads a bureau, and what is told of the units in it: no queries, no names of people. */
import type { UnitLine, WholeUnitLine } from '../adoption/adoption.types.js';
import type { PlannedMessage } from './planned-wave.js';
import { plannedMessages, UnitAddressees, withoutFew } from './unit-addressees.js';
import {
  citizenFigures,
  leaderWord,
  ownFigures,
  unitContext,
  type CitizenFigures,
  type RemainingFigures,
  type UnitMessageContext,
  type UnitMessageFacts,
} from './unit-message.js';
import { tableBelow } from './units-below.js';

export interface DigestFacts extends UnitMessageFacts {
  /** The lines of the day, then those of the month ends before it. */
  readonly history: readonly (readonly WholeUnitLine[])[];
}

export interface DigestContext extends UnitMessageContext {
  readonly leader: string;
  readonly own: RemainingFigures;
  readonly citizens: readonly CitizenFigures[];
  /** One for each bureau of the recipient, the units of each in the organisation's order. */
  readonly bureaus: readonly (RemainingFigures & {
    readonly units: readonly RemainingFigures[];
  })[];
}

/** What stands right below the top and has units with people in it. */
export function bureausOf(lines: readonly UnitLine[]): UnitLine[] {
  const top = lines.find(({ parentCode }) => parentCode === null)?.unit.code;
  const filled = new Set(lines.filter(({ staff }) => staff > 0).map(({ parentCode }) => parentCode));
  return lines.filter(({ parentCode, unit }) => parentCode === top && filled.has(unit.code));
}

/** One message for every leader of a bureau, in the organisation's order. */
export function planDigests(facts: DigestFacts): (PlannedMessage & { readonly context: DigestContext })[] {
  const addressed = withoutFew(new UnitAddressees(facts).of(bureausOf(facts.lines)));
  return plannedMessages(addressed, facts, (_to, bureaus) => {
    const [main] = bureaus;
    const context = unitContext(facts, main);
    return {
      ...context,
      leader: leaderWord(context.unitWord),
      own: ownFigures(main),
      citizens: citizenFigures(facts),
      bureaus: bureaus.map((bureau) => ({
        ...ownFigures(bureau),
        units: tableBelow(facts.history, bureau.unit.code, facts.goalRate),
      })),
    };
  });
}
