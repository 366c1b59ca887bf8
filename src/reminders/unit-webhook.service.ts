import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AuditService } from '../access/audit.service.js';
import { requireWholeOrganisation, type Scope } from '../access/scope.js';
import { Clock } from '../platform/clock.js';
import type { Config } from '../platform/config.js';
import { AppError } from '../platform/errors.js';
import { CONFIG } from '../platform/tokens.js';
import { findUnit } from '../roster/unit-tree.query.js';
import { SendFailure } from './message-sender.js';
import { MessageSenders } from './message-senders.service.js';
import { chatAddress } from './unit-addressees.js';
import {
  addWebhook,
  currentWebhooks,
  endWebhook,
  lockWebhooks,
  unitWithWebhook,
  type UnitWebhook,
} from './unit-webhook.query.js';
import { checkedWebhookUrl, WEBHOOK_FORMATS, type WebhookFormat } from './webhook.js';

/** Which units have a chat room that messages go to. For HR of the whole organisation; every change is on record. */
@Injectable()
export class UnitWebhookService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly audit: AuditService,
    private readonly senders: MessageSenders,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  async list(scope: Scope): Promise<UnitWebhook[]> {
    requireWholeOrganisation(scope, 'hr');
    return currentWebhooks(this.dataSource.manager, this.clock.today());
  }

  /** Hosts that may be posted to; none where chat is not used here. */
  get hosts(): readonly string[] {
    return this.config.chatWebhookHosts;
  }

  /** In place of the one there was. Throws `bad_webhook`, `unit_not_found`, `individual_number`. */
  async set(scope: Scope, unitCode: string, format: string, url: string): Promise<UnitWebhook> {
    const { actor } = requireWholeOrganisation(scope, 'hr');
    const checked = checkedWebhookUrl(url, this.hosts);
    if (!isFormat(format))
      throw new AppError('bad_webhook', 'invalid', `形式は ${WEBHOOK_FORMATS.join(' / ')} のどれかです。`);
    const now = this.clock.now();
    const today = this.clock.today();
    await this.dataSource.transaction(async (em) => {
      const unit = await findUnit(em, scope, unitCode, today);
      if (!unit)
        throw new AppError('unit_not_found', 'not_found', 'この所属コードの所属は、今日の組織にありません。');
      const { unitId } = unit;
      await lockWebhooks(em);
      await endWebhook(em, unitId, now, actor);
      await addWebhook(em, unitId, { format, ...checked }, now, actor);
      const details = { format };
      await this.audit.record(em, { actor, action: 'webhook_set', target: `unit:${unitCode}`, details });
    });
    return (await this.list(scope)).find((webhook) => webhook.unitCode === unitCode)!;
  }

  /** Throws `webhook_not_found`. */
  async remove(scope: Scope, unitCode: string): Promise<void> {
    const { actor } = requireWholeOrganisation(scope, 'hr');
    await this.dataSource.transaction(async (em) => {
      const unitId = await unitWithWebhook(em, unitCode);
      if (unitId === null || !(await endWebhook(em, unitId, this.clock.now(), actor))) throw notFound();
      await this.audit.record(em, { actor, action: 'webhook_removed', target: `unit:${unitCode}` });
    });
  }

  /** Posts one line that says what it is. Throws `webhook_not_found`, `webhook_not_sent`. */
  async tryOut(scope: Scope, unitCode: string): Promise<void> {
    const webhook = (await this.list(scope)).find((one) => one.unitCode === unitCode);
    const unitId = await unitWithWebhook(this.dataSource.manager, unitCode);
    if (!webhook || unitId === null) throw notFound();
    const senders = this.senders.borrow();
    try {
      await senders.of('chat').send({
        deliveryId: 0,
        messageId: `<${randomUUID()}@${this.senders.domain}>`,
        waveName: 'chat-test',
        to: chatAddress(unitId),
        subject: '【試し送り】マイナンバーカード取得状況の案内',
        text: `${webhook.unitName}への案内は、このチャットに届きます。人事課からの試し送りです。返信や操作は必要ありません。`,
        html: '',
        date: this.clock.now(),
      });
    } catch (error) {
      if (!(error instanceof SendFailure)) throw error;
      throw new AppError('webhook_not_sent', 'unavailable', `試し送りができませんでした: ${error.reason}`);
    } finally {
      senders.giveBack();
    }
    const { actor } = scope;
    await this.audit.record(null, { actor, action: 'webhook_tested', target: `unit:${unitCode}` });
  }
}

function isFormat(text: string): text is WebhookFormat {
  return (WEBHOOK_FORMATS as readonly string[]).includes(text);
}

function notFound(): AppError {
  return new AppError('webhook_not_found', 'not_found', 'この所属のチャットは登録されていません。');
}
