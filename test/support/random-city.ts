import * as fc from 'fast-check';
import type { DataSource, EntityManager } from 'typeorm';
import { CARD_STATUSES, type CardStatus } from '../../src/ledger/card-status.js';

/** The rows of the fact tables, as somebody might have written them: no more order than the schema forces on them. */
export interface Facts {
  readonly unit_period: readonly UnitPeriodRow[];
  readonly assignment: readonly AssignmentRow[];
  readonly card_event: readonly CardEventRow[];
  readonly card_exception: readonly ExceptionRow[];
  readonly card_exception_decision: readonly DecisionRow[];
  readonly count_definition: readonly DefinitionRow[];
}

export interface UnitPeriodRow {
  readonly unit_id: number;
  readonly parent_id: number | null;
  readonly name: string;
  readonly valid_from: string;
  readonly valid_to: string;
  readonly superseded_at: string | null;
}
export interface AssignmentRow {
  readonly staff_id: number;
  readonly unit_id: number;
  readonly is_primary: boolean;
  readonly employment: string;
  readonly leave: string;
  readonly valid_from: string;
  readonly valid_to: string;
  readonly superseded_at: string | null;
}
export interface CardEventRow {
  readonly id: number;
  readonly staff_id: number;
  readonly status: CardStatus | null;
  readonly effective_on: string;
  readonly corrects: number | null;
  /** First day of a month. */
  readonly expires_month: string | null;
}
export interface ExceptionRow {
  readonly id: number;
  readonly staff_id: number;
  readonly valid_from: string;
  readonly valid_to: string;
}
export interface DecisionRow {
  readonly exception_id: number;
  readonly decision: 'approved' | 'rejected' | 'withdrawn';
  readonly effective_on: string | null;
}

export interface DefinitionRow {
  readonly version: number;
  readonly valid_from: string;
  readonly left_out_employment: readonly string[];
  readonly left_out_leave: readonly string[];
  readonly min_days: number;
  readonly superseded_at: string | null;
}

/** Days on which things happen; figures are asked for on these and between. */
export const DAYS = Array.from({ length: 10 }, (_, n) => `2022-${String(n + 1).padStart(2, '0')}-15`);
/** First days of months, on which cards are found to be past theirs. */
export const MONTHS = DAYS.map((day) => `${day.slice(0, 7)}-01`);
const EMPLOYMENTS = ['', '正規', '会計年度任用'];
const LEAVES = ['', '', '育休', '派遣'];
const END = 'infinity';
export const UNITS = 7;
export const PEOPLE = 8;
const LATER = '2022-12-01T00:00:00Z';

/** Every other answer is a card, as in a city that has got somewhere. */
const status = fc.oneof(fc.constant('held' as const), fc.constantFrom(...CARD_STATUSES));
const dayIndex = fc.integer({ min: 0, max: DAYS.length - 1 });
const unit = fc.integer({ min: 1, max: UNITS });
const boundary = (index: number) => DAYS[index] ?? END;

/** Cuts the year at random days and gives each stretch something, or nothing. */
function stretches<T>(what: fc.Arbitrary<T>): fc.Arbitrary<{ from: string; to: string; what: T }[]> {
  return fc
    .array(fc.tuple(fc.integer({ min: 0, max: DAYS.length }), fc.option(what, { freq: 4 })), {
      minLength: 1,
      maxLength: 4,
    })
    .map((cuts) => {
      const sorted = cuts.toSorted((a, b) => a[0] - b[0]);
      return sorted.flatMap(([start, given], n) => {
        const end = sorted[n + 1]?.[0] ?? DAYS.length;
        const to = n === sorted.length - 1 ? END : boundary(end);
        return given === null || start >= DAYS.length || DAYS[start] === to
          ? []
          : [{ from: DAYS[start]!, to, what: given }];
      });
    });
}

/** Unit 1 is the root, always. The others come, go, are renamed, hang anywhere, even in circles or below what is gone. */
const unitPeriods = fc
  .tuple(
    ...Array.from({ length: UNITS - 1 }, (_, n) =>
      stretches(
        fc.tuple(
          fc.oneof(fc.integer({ min: 1, max: n + 1 }), unit),
          fc.string({ minLength: 1, maxLength: 3 }),
        ),
      ).map((periods) =>
        periods
          .filter(({ what: [parent] }) => parent !== n + 2)
          .map(({ from, to, what: [parent, name] }) => row(n + 2, parent, `U${name}`, from, to)),
      ),
    ),
    fc.array(fc.tuple(unit, dayIndex), { maxLength: 3 }),
  )
  .map((parts) => {
    const noise = (parts.at(-1) as [number, number][]).map(([id, day]) => ({
      ...row(id, null, '昔の名', DAYS[day]!, END),
      superseded_at: LATER,
    }));
    return [
      row(1, null, '見本市', '2000-01-01', END),
      ...(parts.slice(0, -1) as UnitPeriodRow[][]).flat(),
      ...noise,
    ];
  });

function row(
  unit_id: number,
  parent_id: number | null,
  name: string,
  valid_from: string,
  valid_to: string,
): UnitPeriodRow {
  return { unit_id, parent_id, name, valid_from, valid_to, superseded_at: null };
}

function place(
  staff_id: number,
  unit_id: number,
  is_primary: boolean,
  valid_from: string,
  valid_to: string,
  [employment, leave] = ['', ''],
): AssignmentRow {
  return { staff_id, unit_id, is_primary, employment, leave, valid_from, valid_to, superseded_at: null };
}

const assignments = fc
  .tuple(
    ...Array.from({ length: PEOPLE }, (_, n) =>
      fc
        .tuple(
          stretches(fc.tuple(unit, fc.constantFrom(...EMPLOYMENTS), fc.constantFrom(...LEAVES))),
          fc.option(unit, { freq: 2 }),
          fc.option(fc.tuple(unit, dayIndex), { freq: 2 }),
        )
        .map(([places, concurrent, wrong]): AssignmentRow[] => [
          ...places.map(({ from, to, what: [home, ...kind] }) => place(n + 1, home, true, from, to, kind)),
          ...(concurrent === null ? [] : [place(n + 1, concurrent, false, DAYS[0]!, END)]),
          ...(wrong === null
            ? []
            : [{ ...place(n + 1, wrong[0], true, DAYS[wrong[1]]!, END), superseded_at: LATER }]),
        ]),
    ),
  )
  .map((rows) => rows.flat());

/** In the order in which they are recorded: on any day, often the same one, some correcting or taking back an earlier one. */
export const randomEvents = fc
  .array(
    fc.tuple(
      fc.integer({ min: 1, max: PEOPLE }),
      status,
      dayIndex,
      fc.nat(9),
      fc.boolean(),
      fc.option(fc.constantFrom(...MONTHS)),
    ),
    { minLength: 8, maxLength: 45 },
  )
  .map((given): CardEventRow[] => {
    const events: CardEventRow[] = [];
    for (const [staff_id, told, day, what, another, month] of given) {
      const open = events.filter(
        (event) => event.staff_id === staff_id && !events.some((other) => other.corrects === event.id),
      );
      const corrected = what < 4 ? open.at(what % 2 === 0 ? -1 : 0) : undefined;
      const status = corrected && what < 2 ? null : told;
      events.push({
        id: events.length + 1,
        staff_id,
        status,
        expires_month: status === 'held' ? month : null,
        effective_on: corrected && another ? corrected.effective_on : DAYS[day]!,
        corrects: corrected?.id ?? null,
      });
    }
    return events;
  });

const exceptions = fc
  .array(
    fc.record({
      staff: fc.integer({ min: 1, max: PEOPLE }),
      from: dayIndex,
      days: fc.integer({ min: 1, max: 5 }),
      decision: fc.constantFrom('approved' as const, 'approved' as const, 'rejected' as const, null),
      withdrawn: fc.option(dayIndex, { freq: 2 }),
    }),
    { minLength: 3, maxLength: 10 },
  )
  .map((given) => ({
    card_exception: given.map(({ staff, from, days }, n) => ({
      id: n + 1,
      staff_id: staff,
      valid_from: DAYS[from]!,
      valid_to: DAYS[from + days] ?? '2023-03-31',
    })),
    card_exception_decision: given.flatMap(({ decision, withdrawn }, n): DecisionRow[] => [
      ...(decision ? [{ exception_id: n + 1, decision, effective_on: null }] : []),
      ...(withdrawn !== null
        ? [{ exception_id: n + 1, decision: 'withdrawn' as const, effective_on: DAYS[withdrawn]! }]
        : []),
    ]),
  }));

/** Days on which definitions begin, and numbers of days that end on them and between them. */
const definitions = fc
  .uniqueArray(
    fc.record({
      valid_from: fc.constantFrom('-infinity', ...DAYS, ...MONTHS),
      left_out_employment: fc.subarray(EMPLOYMENTS),
      left_out_leave: fc.subarray(LEAVES.slice(1)),
      min_days: fc.constantFrom(0, 0, 1, 17, 31, 100),
      superseded: fc.integer({ min: 0, max: 3 }).map((n) => n === 0),
    }),
    { maxLength: 4, selector: ({ valid_from, superseded }) => `${valid_from}${superseded}` },
  )
  .map((given) =>
    given.map(({ superseded, ...rest }, n): DefinitionRow => ({
      version: n + 1,
      ...rest,
      superseded_at: superseded ? LATER : null,
    })),
  );

export const randomFacts: fc.Arbitrary<Facts> = fc
  .tuple(unitPeriods, assignments, randomEvents, exceptions, definitions)
  .map(([unit_period, assignment, card_event, rest, count_definition]) => ({
    unit_period,
    assignment,
    card_event,
    ...rest,
    count_definition,
  }));

/** The tables of them. */
export const FACTS = [
  'unit_period',
  'assignment',
  'card_event',
  'card_exception_decision',
  'card_exception',
  'count_definition',
];

/** Writes the rows with plain SQL, past every service, and derives what follows. The tables must be empty. */
export async function writeFacts(db: DataSource, facts: Facts): Promise<void> {
  await replaceFacts(db, facts, false);
}

/** What was known is replaced by other facts about the same people and units, in one transaction. */
export async function replaceFacts(db: DataSource, facts: Facts, peopleFirst: boolean): Promise<void> {
  await db.transaction(async (em) => {
    // With what a reorganisation told of units, which here nobody told.
    await em.query(`TRUNCATE unit_change, ${FACTS.join(', ')}`);
    await insertFacts(em, facts);
    const steps = ['SELECT derive_units(now())', 'SELECT derive_people(ARRAY(SELECT id FROM staff), now())'];
    for (const step of peopleFirst ? steps.toReversed() : steps) await em.query(step);
  });
}

async function insertFacts(em: EntityManager, facts: Facts): Promise<void> {
  await em.query(
    `WITH fact AS (SELECT $1::jsonb AS f),
     units AS (INSERT INTO unit (id, code) OVERRIDING SYSTEM VALUE SELECT n, 'U' || n FROM generate_series(1, $2) AS n ON CONFLICT DO NOTHING),
     people AS (INSERT INTO staff (id, number) OVERRIDING SYSTEM VALUE SELECT n, 'S' || n FROM generate_series(1, $3) AS n ON CONFLICT DO NOTHING),
     periods AS (INSERT INTO unit_period (unit_id, parent_id, name, valid_from, valid_to, superseded_at, recorded_at)
       SELECT r.*, now() FROM fact, jsonb_to_recordset(f -> 'unit_period')
         AS r (unit_id int, parent_id int, name text, valid_from date, valid_to date, superseded_at timestamptz)),
     places AS (INSERT INTO assignment (staff_id, unit_id, is_primary, employment, leave, valid_from, valid_to, superseded_at, recorded_at)
       SELECT r.*, now() FROM fact, jsonb_to_recordset(f -> 'assignment')
         AS r (staff_id int, unit_id int, is_primary boolean, employment text, leave text, valid_from date, valid_to date, superseded_at timestamptz)),
     events AS (INSERT INTO card_event (id, staff_id, status, effective_on, corrects, expires_month, evidence, recorded_by, recorded_at)
       OVERRIDING SYSTEM VALUE SELECT r.*, 'hr', 'test', now() FROM fact, jsonb_to_recordset(f -> 'card_event')
         AS r (id bigint, staff_id int, status text, effective_on date, corrects bigint, expires_month date)),
     definitions AS (INSERT INTO count_definition (version, valid_from, left_out_employment, left_out_leave, min_days,
                                                   superseded_at, reason, recorded_by, recorded_at)
       SELECT r.*, '試験', 'test', now() FROM fact, jsonb_to_recordset(f -> 'count_definition')
         AS r (version int, valid_from date, left_out_employment text[], left_out_leave text[], min_days int, superseded_at timestamptz)),
     exceptions AS (INSERT INTO card_exception (id, staff_id, valid_from, valid_to, category, requested_by, requested_at)
       OVERRIDING SYSTEM VALUE SELECT r.*, 'other', 'test', now() FROM fact, jsonb_to_recordset(f -> 'card_exception')
         AS r (id bigint, staff_id int, valid_from date, valid_to date))
     INSERT INTO card_exception_decision (exception_id, decision, effective_on, decided_by, decided_at)
       SELECT r.*, 'test', now() FROM fact, jsonb_to_recordset(f -> 'card_exception_decision')
         AS r (exception_id bigint, decision text, effective_on date)`,
    [JSON.stringify(facts), UNITS, PEOPLE],
  );
}
