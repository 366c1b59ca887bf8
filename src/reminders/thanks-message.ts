/** Who is thanked for which units: no queries, no names of people. */
import type { UnitLine } from '../adoption/adoption.types.js';
import type { PlannedMessage } from './planned-wave.js';
import { plannedMessages, UnitAddressees, withoutFew } from './unit-addressees.js';
import { leaderWord, unitContext, type UnitMessageContext, type UnitMessageFacts } from './unit-message.js';

/** Sets nobody beside anybody: no rates, no other units but the recipient's own. */
export interface ThanksContext extends UnitMessageContext {
  readonly leader: string;
  readonly own: { readonly name: string };
  readonly others: readonly { readonly name: string }[];
}

export function isComplete(line: UnitLine): boolean {
  return line.staff > 0 && line.held === line.staff;
}

/** One message for every manager of units whose people all hold a card, in the organisation's order. */
export function planThanks(
  facts: UnitMessageFacts,
): (PlannedMessage & { readonly context: ThanksContext })[] {
  const addressed = withoutFew(new UnitAddressees(facts).of(facts.lines.filter(isComplete)));
  return plannedMessages(addressed, facts, (_to, [main, ...others]) => {
    const context = unitContext(facts, main);
    return {
      ...context,
      leader: leaderWord(context.unitWord),
      own: { name: main.unit.name },
      others: others.map(({ unit }) => ({ name: unit.name })),
    };
  });
}
