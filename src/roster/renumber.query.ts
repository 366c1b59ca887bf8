import type { EntityManager } from 'typeorm';

/** A pair of numbers that cannot stand. `row` is null where it came from no file. */
export interface RenumberProblem {
  readonly row: number | null;
  readonly code: 'staff_exists' | 'duplicate_staff' | 'staff_number_taken';
  /** What the product calls the column. */
  readonly column: '職員番号' | '旧職員番号';
  readonly read: string;
  /** Another row. */
  readonly other: string | null;
}

export interface RenumberPlan {
  readonly problems: readonly RenumberProblem[];
  /** Former numbers that nobody has or had, each with its row: whoever has the new one is taken for somebody new. */
  readonly unknown: readonly { readonly row: number; readonly number: string }[];
}

/** The one pair of numbers as `renumbering`, for `planRenumbering`. */
export async function stageRenumbering(em: EntityManager, former: string, number: string): Promise<void> {
  await em.query('CREATE TEMP TABLE renumbering (row int, former text, number text) ON COMMIT DROP');
  await em.query('INSERT INTO renumbering VALUES (NULL, $1, $2)', [former, number]);
}

/** Those of a staged roster; its 兼務 say the same once more. */
export async function stageRosterRenumbering(em: EntityManager): Promise<void> {
  await em.query(`CREATE TEMP TABLE renumbering ON COMMIT DROP AS
    SELECT min(row) AS row, former_number AS former, number FROM roster_stage
    WHERE former_number <> number GROUP BY former_number, number`);
}

/** What stands in the way of `renumbering`; leaves in it those whose number is to become another one. */
export async function planRenumbering(em: EntityManager): Promise<RenumberPlan> {
  // Told before: a system goes on exporting the former number.
  await em.query(`DELETE FROM renumbering r USING staff_former_number f, staff st
    WHERE f.number = r.former AND st.id = f.staff_id AND st.number = r.number`);
  const [unknown]: [RenumberPlan['unknown'], number] = await em.query(
    `DELETE FROM renumbering r WHERE NOT EXISTS (SELECT FROM staff st WHERE st.number = r.former)
     RETURNING row, former AS number`,
  );
  return { unknown, problems: await em.query(PROBLEMS) };
}

/** A roster that names the former number as somebody's number of today contradicts itself. */
export function findListedFormerNumbers(em: EntityManager): Promise<RenumberProblem[]> {
  return em.query(
    `SELECT r.row, 'duplicate_staff' AS code, '旧職員番号' AS "column", r.former AS read, min(s.row)::text AS other
     FROM renumbering r JOIN roster_stage s ON s.number = r.former GROUP BY r.row, r.former`,
  );
}

/** Gives the people of `renumbering` their numbers, everywhere they stand; answers their ids. */
export async function renumber(
  em: EntityManager,
  { at, by }: { readonly at: Date; readonly by: string },
): Promise<number[]> {
  await em.query(
    `INSERT INTO staff_former_number (number, staff_id, changed_at, changed_by)
     SELECT r.former, st.id, $1, $2 FROM renumbering r JOIN staff st ON st.number = r.former
     ON CONFLICT (number) DO NOTHING`,
    [at, by],
  );
  await em.query(
    `UPDATE app_user u SET staff_number = r.number FROM renumbering r WHERE u.staff_number = r.former`,
  );
  const [people]: [{ id: number }[], number] = await em.query(
    `UPDATE staff st SET number = r.number FROM renumbering r WHERE st.number = r.former RETURNING st.id`,
  );
  return people.map(({ id }) => id);
}

/** The numbers a person had before, the latest first. */
export function formerNumbersOf(
  em: EntityManager,
  staffId: number,
): Promise<{ number: string; changedAt: Date; changedBy: string }[]> {
  return em.query(
    `SELECT f.number, f.changed_at AS "changedAt", f.changed_by AS "changedBy" FROM staff_former_number f
     JOIN staff st ON st.id = f.staff_id WHERE f.staff_id = $1 AND f.number <> st.number ORDER BY f.changed_at DESC, f.number`,
    [staffId],
  );
}

/** SQL for the number of today of whoever had `number` before; NULL where nobody had it. */
export function presentNumber(number: string): string {
  return `(SELECT st.number FROM staff_former_number f JOIN staff st ON st.id = f.staff_id
           WHERE f.number = ${number} AND st.number <> f.number)`;
}

const PROBLEMS = /* sql */ `
SELECT r.row, 'staff_exists' AS code, '職員番号' AS "column", r.number AS read, NULL AS other
FROM renumbering r WHERE EXISTS (SELECT FROM staff st WHERE st.number = r.number)
   OR EXISTS (SELECT FROM staff_former_number f JOIN staff st ON st.id = f.staff_id WHERE f.number = r.number AND st.number <> r.former)
UNION ALL
SELECT r.row, 'duplicate_staff', '旧職員番号', r.former, first::text
FROM (SELECT *, min(row) OVER (PARTITION BY former) AS first FROM renumbering) AS r WHERE r.row <> first
UNION ALL
SELECT r.row, 'duplicate_staff', '職員番号', r.number, first::text
FROM (SELECT *, min(row) OVER (PARTITION BY number) AS first FROM renumbering) AS r WHERE r.row <> first
UNION ALL
SELECT r.row, 'staff_number_taken', '職員番号', r.number, NULL
FROM renumbering r WHERE EXISTS (SELECT FROM app_user u WHERE u.staff_number = r.number)
  AND EXISTS (SELECT FROM app_user u WHERE u.staff_number = r.former)
ORDER BY 1, 2`;
