/** Which manager gets which figures each month, from those of a day: no queries, no names of people. */
import type { UnitLine } from '../adoption/adoption.types.js';
import { isSmall, LEADERSHIP } from '../adoption/suppression.js';
import type { PlannedMessage } from './planned-wave.js';
import { plannedMessages, UnitAddressees } from './unit-addressees.js';
import {
  citizenFigures,
  figures,
  mayTellOwn,
  ownFigures,
  unitContext,
  type CitizenFigures,
  type Figures,
  type RemainingFigures,
  type UnitMessageContext,
  type UnitMessageFacts,
} from './unit-message.js';
import { deadlineOf, deadlineWords } from './wave-dates.js';

export interface ManagerMessage extends PlannedMessage {
  readonly context: ManagerMessageContext;
}

/** All a template may say. */
export interface ManagerMessageContext extends UnitMessageContext {
  readonly deadline: string;
  readonly deadlineShort: string;
  readonly showOwn: boolean;
  readonly own: RemainingFigures;
  readonly comparisons: readonly Figures[];
  readonly citizens: readonly CitizenFigures[];
  readonly others: readonly RemainingFigures[];
  readonly bar: { readonly filled: number; readonly toGoal: number; readonly beyond: number };
}

export function isBelowGoal(line: UnitLine): boolean {
  return line.staff > 0 && line.remaining > 0;
}

/** One message for every manager of a unit below the goal, in the organisation's order. */
export function planManagerMessages(facts: UnitMessageFacts): ManagerMessage[] {
  const addressees = new UnitAddressees(facts);
  const deadline = deadlineWords(deadlineOf(facts.on));
  return plannedMessages(addressees.of(facts.lines.filter(isBelowGoal)), facts, ({ staffId }, units) => {
    const [main, ...others] = units;
    return {
      ...unitContext(facts, main),
      ...deadline,
      showOwn: mayTellOwn(main, staffId !== null),
      own: ownFigures(main),
      citizens: citizenFigures(facts),
      others: others.map(ownFigures),
      bar: bar(main.rate ?? 0, facts.goalRate),
      comparisons: comparisons(addressees, main, staffId === null ? units : addressees.managedBy(staffId)),
    };
  });
}

/**
 * The unit above and the whole staff. Where the unit above minus the units the recipient knows would leave a small
 * group of other people, subtraction would tell about them: then the next unit further up stands in.
 */
function comparisons(addressees: UnitAddressees, main: UnitLine, known: readonly UnitLine[]): Figures[] {
  const ancestors: UnitLine[] = [];
  for (let line = addressees.above(main); line; line = addressees.above(line)) ancestors.push(line);
  const city = ancestors.pop();
  if (!city) return [];
  const parent = ancestors.find((ancestor) => othersAreMany(addressees, ancestor, known));
  return [...(parent ? [figures(parent, parent.unit.name)] : []), figures(city, '全職員')];
}

function othersAreMany(addressees: UnitAddressees, ancestor: UnitLine, known: readonly UnitLine[]): boolean {
  const codes = new Set(known.map((unit) => unit.unit.code));
  // Somebody who manages the unit above as well may know all of it.
  if (codes.has(ancestor.unit.code)) return true;
  let { staff, held } = ancestor;
  for (const unit of known) {
    let line = addressees.above(unit);
    while (line && line !== ancestor && !codes.has(line.unit.code)) line = addressees.above(line);
    // Only the topmost of the known units below this ancestor: the others are counted within them.
    if (line !== ancestor) continue;
    staff -= unit.staff;
    held -= unit.held;
  }
  return !isSmall({ staff, held }, LEADERSHIP.threshold);
}

/** Widths in whole per cent; only a full unit fills the bar. */
function bar(rate: number, goal: number): ManagerMessageContext['bar'] {
  const filled = Math.floor(rate);
  const mark = Math.max(filled, Math.round(goal));
  return { filled, toGoal: mark - filled, beyond: 100 - mark };
}
