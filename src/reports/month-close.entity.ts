import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { IsoDate, IsoMonth } from '../platform/month.js';
import type { ReportDocument } from './report-document.js';

/** A month as it was when it was closed; closing it again adds a version. Append-only. */
@Entity('month_close')
export class MonthClose {
  @PrimaryColumn({ type: 'text' })
  month: IsoMonth;

  @PrimaryColumn({ type: 'int' })
  version: number;

  @Column({ name: 'as_of', type: 'date' })
  asOf: IsoDate;

  @Column({ name: 'closed_at', type: 'timestamptz' })
  closedAt: Date;

  @Column({ name: 'closed_by', type: 'text' })
  closedBy: string;

  @Column({ type: 'jsonb' })
  document: ReportDocument;
}
