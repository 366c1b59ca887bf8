import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { AuditAction, AuditDetails } from './audit.types.js';

/** Who did what to what, and when. Append-only: the database refuses to change or remove a row. */
@Entity('audit_event')
export class AuditEvent {
  @PrimaryGeneratedColumn('identity', { type: 'bigint', generatedIdentity: 'ALWAYS' })
  id: number;

  @Column({ type: 'timestamptz' })
  at: Date;

  @Column({ type: 'text' })
  actor: string;

  @Column({ type: 'text' })
  action: AuditAction;

  @Column({ type: 'text' })
  target: string;

  @Column({ type: 'jsonb' })
  details: AuditDetails;
}
