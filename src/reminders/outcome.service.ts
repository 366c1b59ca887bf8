import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { requireWholeOrganisation, type Scope } from '../access/scope.js';
import { Clock } from '../platform/clock.js';
import { addDays, addMonths, firstDay, monthOf, type IsoDate } from '../platform/month.js';
import { compare, DAYS_TO_CARD, type Comparison, type Group, type OutcomeGroup } from './outcome.js';
import { outcomesOf, type OutcomeRow } from './outcome.query.js';
import { POLICIES, speaksToPersons } from './policy.js';

export interface Outcome {
  readonly policy: string;
  readonly title: string;
  /** Null where waves of several are put together. */
  readonly templateVersion: number | null;
  readonly waveId: number | null;
  /** Days of the first and the last wave. */
  readonly from: IsoDate;
  readonly to: IsoDate;
  readonly waves: number;
  readonly sent: number;
  readonly failed: number;
  /** Who answered by themselves within the days, of the reached. */
  readonly answered: number;
  /** Of waves whose days are over, where there are any; so are the others. */
  readonly reached: Group;
  readonly others: Group;
  readonly comparison: Comparison;
}

/** Further back nobody compares: texts and people are others. */
const MONTHS_BACK = 12;

/** What came of reminding, as counts. */
@Injectable()
export class OutcomeService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
  ) {}

  /** Of the last twelve months, the newest first. A person counts once for each wave. */
  async outcomes(scope: Scope, by: OutcomeGroup = 'wave'): Promise<Outcome[]> {
    requireWholeOrganisation(scope, 'hr', 'auditor');
    const to = this.clock.today();
    const personal = POLICIES.filter(speaksToPersons).map(({ name }) => name);
    const rows = await outcomesOf(this.dataSource.manager, {
      from: firstDay(addMonths(monthOf(to), -MONTHS_BACK)),
      to,
      days: DAYS_TO_CARD,
      personal,
    });
    const groups = new Map<string, OutcomeRow[]>();
    for (const row of rows) groups.set(keyOf(row, by), [...(groups.get(keyOf(row, by)) ?? []), row]);
    return [...groups.values()].map((group) => toOutcome(group, by, to));
  }
}

function keyOf({ waveId, policy, templateVersion }: OutcomeRow, by: OutcomeGroup): string {
  if (by === 'wave') return String(waveId);
  return by === 'template' ? `${policy} ${templateVersion}` : policy;
}

function toOutcome(rows: readonly OutcomeRow[], by: OutcomeGroup, today: IsoDate): Outcome {
  const newest = rows[0]!;
  const over = rows.filter(({ on }) => addDays(on, DAYS_TO_CARD) <= today);
  // What is still going on would pull down the share of what is over.
  const compared = over.length > 0 ? over : rows;
  const sum = (count: (row: OutcomeRow) => number, of = rows) =>
    of.reduce((total, row) => total + count(row), 0);
  const reached = {
    people: sum((row) => row.reached, compared),
    got: sum((row) => row.reachedGot, compared),
  };
  const others = { people: sum((row) => row.others, compared), got: sum((row) => row.othersGot, compared) };
  return {
    policy: newest.policy,
    title: POLICIES.find(({ name }) => name === newest.policy)?.title ?? newest.policy,
    templateVersion: by === 'policy' ? null : newest.templateVersion,
    waveId: by === 'wave' ? newest.waveId : null,
    from: rows.at(-1)!.on,
    to: newest.on,
    waves: rows.length,
    sent: sum(({ deliveries }) => deliveries.sent ?? 0),
    failed: sum(({ deliveries }) => (deliveries.failed ?? 0) + (deliveries.bounced ?? 0)),
    answered: sum((row) => row.answered, compared),
    reached,
    others,
    comparison: compare(reached, others, over.length > 0),
  };
}
