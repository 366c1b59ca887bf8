import { access, constants } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AuditService } from '../access/audit.service.js';
import { requireWholeOrganisation, type Scope } from '../access/scope.js';
import { Clock } from '../platform/clock.js';
import { AppError } from '../platform/errors.js';
import { containsIndividualNumber } from '../platform/individual-number.js';
import { readBounces, type Bounce } from './bounce-file.js';
import { markBounced } from './delivery-decision.query.js';

export interface BounceReading {
  readonly mails: number;
  /** Deliveries that are marked as bounced now, and were not before. */
  readonly bounced: number;
  /** Notices about messages that are not ours, or marked already. */
  readonly known: number;
  /** Mail that is no notice of a failure: answers, delays, advertisements. */
  readonly others: number;
}

const BATCH = 500;

/** Takes in what mail servers sent back after they had taken it. */
@Injectable()
export class BounceService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly audit: AuditService,
  ) {}

  /** A path of a mail, an mbox file or a Maildir, or a stream. Reading the same mail again changes nothing. */
  async read(scope: Scope, source: string | Readable): Promise<BounceReading> {
    requireWholeOrganisation(scope, 'hr');
    let mails = 0;
    let notices = 0;
    let bounced = 0;
    let batch: Bounce[] = [];
    const flush = async () => {
      bounced += await markBounced(this.dataSource.manager, batch, this.clock.now());
      batch = [];
    };
    for await (const { bounce } of readBounces(await checked(source))) {
      mails++;
      if (!bounce) continue;
      notices++;
      batch.push(containsIndividualNumber(bounce.reason) ? { ...bounce, reason: '' } : bounce);
      if (batch.length === BATCH) await flush();
    }
    await flush();
    const reading = { mails, bounced, known: notices - bounced, others: mails - notices };
    await this.audit.record(null, { actor: scope.actor, action: 'bounces_read', details: reading });
    return reading;
  }
}

async function checked(source: string | Readable): Promise<string | Readable> {
  if (typeof source !== 'string') return source;
  try {
    await access(source, constants.R_OK);
    return source;
  } catch {
    throw new AppError(
      'unreadable_file',
      'not_found',
      'このファイルを読めません。場所と、読む権限を確かめてください。',
    );
  }
}
