import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { Clock } from '../platform/clock.js';
import { containsIndividualNumber } from '../platform/individual-number.js';
import { AuditEvent } from './audit-event.entity.js';
import type { AuditDetails, AuditEntry } from './audit.types.js';

const WITHHELD = '***';

@Injectable()
export class AuditService {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
  ) {}

  /**
   * Adds one event; AuditChainService chains it right after the commit. Pass the manager of the transaction that makes the change, so that neither exists without the
   * other; null for something that was only seen or refused.
   */
  async record(
    em: EntityManager | null,
    { actor, action, target = '', details = {} }: AuditEntry,
  ): Promise<void> {
    await (em ?? this.db.manager).insert(AuditEvent, {
      at: this.clock.now(),
      actor,
      action,
      target,
      details: withoutIndividualNumbers(details),
    });
  }
}

/**
 * An event must not get lost, and an individual number must not get in: the event stays, the text goes.
 * Actor and target are ids that were checked when they came in.
 */
function withoutIndividualNumbers(details: AuditDetails): AuditDetails {
  return Object.fromEntries(
    Object.entries(details).map(([key, value]) => [
      key,
      // Each by itself: several ids in a row are no number, however their digits add up.
      [value].flat().some((one) => containsIndividualNumber(String(one))) ? WITHHELD : value,
    ]),
  );
}
