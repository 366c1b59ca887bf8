import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../platform/clock.js';
import { stage } from '../platform/database/staging.js';
import {
  MAX_PROBLEMS,
  type FileReading,
  type ImportReport,
  type ImportRequest,
  type Problem,
} from '../platform/imports/import-report.js';
import type { Reach } from '../platform/imports/import-watch.js';
import type { ImportContext, ImportHandler } from '../platform/imports/import-handler.js';
import { deriveFile } from '../roster/derive.query.js';
import { explainStatusProblem } from './status-problem.js';
import { readStatusFile, type StatusRow } from './status-file.js';
import { compareStatuses, findStatusProblems, recordStatusChanges } from './status-import.query.js';

/** A list of statuses becomes card events: one for each row that says something not known yet. */
@Injectable()
export class StatusImportService implements ImportHandler {
  readonly kind = 'status';

  constructor(private readonly clock: Clock) {}

  async run(em: EntityManager, request: ImportRequest, context: ImportContext): Promise<ImportReport> {
    const today = this.clock.today();
    const reading = await stageStatuses(em, request, request.asOf ?? today, context.reach);
    context.reach('checking');
    const found = await findStatusProblems(em, today, MAX_PROBLEMS);
    const problems: Problem[] = [
      ...reading.problems,
      ...found.map((problem) => explainStatusProblem(problem, reading)),
    ].toSorted((a, b) => (a.row ?? 0) - (b.row ?? 0));
    context.reach('comparing');
    const counts = await compareStatuses(em);
    if (problems.length === 0) {
      context.reach('writing');
      await recordStatusChanges(em, {
        importId: context.importId,
        actor: context.actor,
        recordedAt: this.clock.now(),
      });
      if (!request.dryRun) {
        await deriveFile(
          em,
          { people: 'SELECT DISTINCT staff_id FROM status_change', units: false },
          this.clock.now(),
          (done, of) => context.reach('counting', done, of),
          () => context.reach('settling'),
        );
      }
    }
    return {
      kind: this.kind,
      dryRun: request.dryRun,
      ...reading,
      ...counts,
      problems: problems.slice(0, MAX_PROBLEMS),
      problemCount: reading.problemCount + (found[0]?.total ?? 0),
    };
  }
}

function stageStatuses(
  em: EntityManager,
  request: ImportRequest,
  defaultDay: string,
  reach: Reach,
): Promise<FileReading> {
  return stage<StatusRow, FileReading>(
    em,
    'status_stage',
    { row: 'int', number: 'text', status: 'text', effectiveOn: 'date', evidence: 'text', expiresOn: 'text' },
    (add) =>
      readStatusFile(request.files[0]!, { onRead: (bytes, of) => reach('reading', bytes, of) }, (row) =>
        add(row.effectiveOn === null ? { ...row, effectiveOn: defaultDay } : row),
      ),
  );
}
