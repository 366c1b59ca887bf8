import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { IsoDate } from '../platform/month.js';
import type { CardStatus, Evidence } from './card-status.js';

/** Append-only: a correction is a new row that names the one it replaces. */
@Entity('card_event')
export class CardEvent {
  @PrimaryGeneratedColumn('identity', { type: 'bigint' })
  id: number;

  @Column({ name: 'staff_id', type: 'int' })
  staffId: number;

  /** Null takes the corrected event back and puts nothing in its place. */
  @Column({ type: 'text', nullable: true })
  status: CardStatus | null;

  @Column({ name: 'effective_on', type: 'date' })
  effectiveOn: IsoDate;

  /** First day of the last month in which the card is valid; only of a held one. */
  @Column({ name: 'expires_month', type: 'date', nullable: true })
  expiresMonth: IsoDate | null;

  @Column({ type: 'text' })
  evidence: Evidence;

  @Column({ type: 'bigint', nullable: true })
  corrects: number | null;

  @Column({ name: 'recorded_at', type: 'timestamptz' })
  recordedAt: Date;

  @Column({ name: 'recorded_by', type: 'text' })
  recordedBy: string;
}
