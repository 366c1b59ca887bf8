import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { IsoDate } from '../platform/month.js';
import type { Role } from './scope.js';

/** A role held from a day to a day over the subtree of one unit, or over every unit when `unitId` is null. */
@Entity('app_grant')
export class Grant {
  @PrimaryGeneratedColumn('identity', { type: 'integer', generatedIdentity: 'ALWAYS' })
  id: number;

  @Column({ name: 'user_id', type: 'integer' })
  userId: number;

  @Column({ type: 'text' })
  role: Role;

  @Column({ name: 'unit_id', type: 'integer', nullable: true })
  unitId: number | null;

  @Column({ name: 'valid_from', type: 'date' })
  validFrom: IsoDate;

  @Column({ name: 'valid_to', type: 'date' })
  validTo: IsoDate;

  /** `provider`: follows what the identity provider says at each sign-in. */
  @Column({ type: 'text', default: 'manual' })
  source: 'manual' | 'provider';

  @Column({ name: 'granted_by', type: 'text' })
  grantedBy: string;

  @Column({ name: 'revoked_at', type: 'timestamptz', nullable: true })
  revokedAt: Date | null;

  @Column({ name: 'revoked_by', type: 'text', nullable: true })
  revokedBy: string | null;
}
