import type { EntityManager } from 'typeorm';
import type { FileReading, Problem, Warning } from '../platform/imports/import-report.js';
import {
  findListedFormerNumbers,
  planRenumbering,
  renumber,
  stageRosterRenumbering,
  type RenumberProblem,
} from './renumber.query.js';

interface RosterRenumbering {
  readonly renumbered: number;
  readonly problems: readonly Problem[];
  readonly warnings: readonly Warning[];
}

/** Gives people of a staged roster their new numbers, so that the rest of the import finds them by those. */
export async function renumberFromRoster(
  em: EntityManager,
  reading: FileReading,
  by: { readonly at: Date; readonly by: string },
): Promise<RosterRenumbering> {
  const header = reading.columns.find(({ field }) => field === '旧職員番号')?.header;
  if (header === undefined) return { renumbered: 0, problems: [], warnings: [] };
  await stageRosterRenumbering(em);
  const plan = await planRenumbering(em);
  const found = [...plan.problems, ...(await findListedFormerNumbers(em))];
  const renumbered = found.length === 0 ? (await renumber(em, by)).length : 0;
  return {
    renumbered,
    problems: found.map((problem) => explain(problem, reading)),
    warnings: plan.unknown.slice(0, MAX_WARNINGS).map(({ row, number }) => ({
      row,
      column: header,
      code: 'unknown_former_number',
      message: `${header}「${number}」の職員は登録されていません。新しい職員として扱います。`,
    })),
  };
}

const MAX_WARNINGS = 100;

function explain({ row, code, column, read, other }: RenumberProblem, reading: FileReading): Problem {
  const header = reading.columns.find(({ field }) => field === column)?.header ?? column;
  const place = { row, code, column: header, read };
  switch (code) {
    case 'staff_exists':
      return {
        ...place,
        expected: 'ほかの職員が使っていない、新しい職員番号',
        fix: 'この番号は別の職員の番号です(前の番号を含みます)。番号か、旧職員番号の列を確かめてください。',
      };
    case 'duplicate_staff':
      return {
        ...place,
        expected: '1人につき、旧職員番号と新しい職員番号が1つずつ',
        fix: `${other}行目にも同じ番号があります。同じ人の行が分かれていないか確かめてください。`,
      };
    case 'staff_number_taken':
      return {
        ...place,
        expected: '別の利用者アカウントに結び付いていない職員番号',
        fix: 'この番号は別の利用者アカウントに結び付いています。先に結び付けを直してください。',
      };
  }
}
