import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { ImportKind, ImportReport, ImportRequest } from './import-report.js';

export type ImportBatchState = 'previewed' | 'applied' | 'discarded' | 'withdrawn';

@Entity('import_batch')
export class ImportBatch {
  @PrimaryGeneratedColumn('identity', { type: 'bigint' })
  id: number;

  @Column({ type: 'text' })
  kind: ImportKind;

  @Column({ name: 'file_names', type: 'text', array: true })
  fileNames: string[];

  /** What the sender chose, without the files. */
  @Column({ type: 'jsonb' })
  options: Omit<ImportRequest, 'kind' | 'files' | 'unitsFile' | 'dryRun'> & { hasUnitsFile?: boolean };

  @Column({ type: 'text' })
  state: ImportBatchState;

  @Column({ type: 'jsonb' })
  report: ImportReport;

  @Column({ name: 'created_at', type: 'timestamptz' })
  createdAt: Date;

  @Column({ name: 'created_by', type: 'text' })
  createdBy: string;

  @Column({ name: 'applied_at', type: 'timestamptz', nullable: true })
  appliedAt: Date | null;

  @Column({ name: 'applied_by', type: 'text', nullable: true })
  appliedBy: string | null;

  @Column({ name: 'withdrawn_at', type: 'timestamptz', nullable: true })
  withdrawnAt: Date | null;

  @Column({ name: 'withdrawn_by', type: 'text', nullable: true })
  withdrawnBy: string | null;
}
