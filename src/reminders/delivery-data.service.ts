import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { section } from '../ledger/person-sections.js';
import type { ExportSection, Leaver, PersonalDataHolder } from '../ledger/personal-data.types.js';
import type { Config } from '../platform/config.js';
import type { IsoDate } from '../platform/month.js';
import { CONFIG } from '../platform/tokens.js';
import { reasonLabel } from './delivery-reason.js';
import { MASK } from './mask.js';
import { outboxFile } from './outbox-sender.js';
import { POLICIES } from './policy.js';
import { waveName } from './wave-name.js';

interface DeliveryRow {
  readonly id: number;
  readonly policy: string;
  readonly on: IsoDate;
  readonly unitCode: string;
  readonly address: string | null;
  readonly channel: string;
  readonly state: string;
  readonly reason: string;
  readonly settledAt: Date | null;
}

const STATES: Record<string, string> = {
  queued: '待ち',
  sending: '送信中',
  sent: '送信済み',
  failed: '失敗',
  bounced: '届かず戻った',
  unknown: '不明',
  suppressed: '送らない',
};

/** What is left of a person in the data of a message, so that it still reads. */
const NOBODY = { name: MASK, applied: false, cardUntil: MASK, cardMonth: null };

/** Messages to people: what was sent to whom. */
@Injectable()
export class DeliveryDataService implements PersonalDataHolder {
  constructor(@Inject(CONFIG) private readonly config: Config) {}

  async collect(em: EntityManager, staffId: number): Promise<ExportSection[]> {
    const rows = await deliveriesTo(em, [staffId]);
    return [
      section(
        'deliveries',
        'お知らせの配信',
        {
          on: '配信日',
          policy: '方針',
          unitCode: '所属コード',
          address: '宛先',
          state: '状態',
          reason: '理由',
          settledAt: '日時',
        },
        rows.map(({ id: _id, channel: _channel, ...row }) => ({
          ...row,
          policy: POLICIES.find(({ name }) => name === row.policy)?.title ?? row.policy,
          state: STATES[row.state] ?? row.state,
          reason: reasonLabel(row.reason),
        })),
      ),
    ];
  }

  async erase(em: EntityManager, leavers: readonly Leaver[]): Promise<void> {
    const ids = leavers.map(({ id }) => id);
    const outbox = join(this.config.dataDir, 'outbox');
    for (const { id, policy, on } of await deliveriesTo(em, ids)) {
      await rm(outboxFile(outbox, { waveName: waveName({ policy, on }), deliveryId: id }), { force: true });
    }
    // A mail server's answer may repeat the address.
    await em.query(
      `UPDATE delivery SET address = NULL,
              context = CASE WHEN context ? 'person' THEN context || jsonb_build_object('person', $2::jsonb) ELSE context END,
              reason = CASE WHEN state IN ('failed', 'bounced', 'unknown') THEN '' WHEN state = 'queued' THEN 'no_address' ELSE reason END,
              state = CASE state WHEN 'queued' THEN 'suppressed' ELSE state END
       WHERE staff_id = ANY ($1)`,
      [ids, JSON.stringify(NOBODY)],
    );
  }
}

function deliveriesTo(em: EntityManager, staffIds: readonly number[]): Promise<DeliveryRow[]> {
  return em.query(
    `SELECT d.id, w.policy, w.on_date AS "on", u.code AS "unitCode", d.address, d.channel, d.state, d.reason,
            d.settled_at AS "settledAt"
     FROM delivery d JOIN wave w ON w.id = d.wave_id JOIN unit u ON u.id = d.unit_id
     WHERE d.staff_id = ANY ($1) ORDER BY d.id DESC`,
    [staffIds],
  );
}
