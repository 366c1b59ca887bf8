import type { EntityManager } from 'typeorm';
import type { ImportBatch } from './import-batch.entity.js';
import type { ImportKind, ImportReport, ImportRequest } from './import-report.js';
import type { Reach } from './import-watch.js';

/** Who does something with which import. */
export interface ImportAct {
  readonly importId: number;
  readonly actor: string;
}

export interface ImportContext extends ImportAct {
  readonly reach: Reach;
}

/**
 * What a room does with one kind of file: reads it, checks it against the database and writes what follows from it
 * through `em`, whose transaction belongs to the caller and is rolled back after a dry run or when there are problems.
 */
export interface ImportHandler {
  readonly kind: ImportKind;
  run(em: EntityManager, request: ImportRequest, context: ImportContext): Promise<ImportReport>;
  /** Undoes an applied one through `em`; kinds without it stay applied for good. */
  withdraw?(em: EntityManager, request: ImportBatch['options'], act: ImportAct): Promise<void>;
}
