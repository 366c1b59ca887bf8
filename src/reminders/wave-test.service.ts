import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AuditService } from '../access/audit.service.js';
import { requireWholeOrganisation, type Scope } from '../access/scope.js';
import { Clock } from '../platform/clock.js';
import { AppError } from '../platform/errors.js';
import type { IsoDate } from '../platform/month.js';
import { isPlainAddress } from './mail-address.js';
import { compileTemplate } from './message-template.js';
import { MessageTemplateService } from './message-template.service.js';
import { SendFailure } from './message-sender.js';
import { MessageSenders } from './message-senders.service.js';
import { policyNamed } from './policy.js';
import { firstOf } from './planned-wave.js';
import { masked, templateKind } from './template-kind.js';
import { waveName } from './wave-name.js';
import { WavePlanner } from './wave-planner.service.js';

export interface WaveTrial {
  readonly policy: string;
  readonly on: IsoDate;
  readonly to: string;
  readonly subject: string;
}

/** Sends the first message of a wave to whoever prepares it, and to nobody else: no wave, no delivery, no name. */
@Injectable()
export class WaveTestService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly planner: WavePlanner,
    private readonly audit: AuditService,
    private readonly templates: MessageTemplateService,
    private readonly senders: MessageSenders,
  ) {}

  /**
   * To the own address, which the roster has of the account's staff number; only the operator at the command line, who
   * is nobody on the roster, names one. Throws `no_own_address`, `bad_address`, `nothing_to_test`, `test_not_sent`.
   */
  async send(
    scope: Scope,
    policyName: string,
    on: IsoDate = this.clock.today(),
    operatorsAddress?: string,
  ): Promise<WaveTrial> {
    const policy = policyNamed(policyName);
    requireWholeOrganisation(scope, 'hr');
    const to = scope.userId === null ? operatorsAddress : await this.ownAddress(scope.userId);
    if (scope.userId === null && (to === undefined || !isPlainAddress(to)))
      throw new AppError(
        'bad_address',
        'invalid',
        '試し送りの宛先を、jinji@example.jp の形で1つ指定してください。',
      );
    if (to === undefined || !isPlainAddress(to)) {
      throw new AppError(
        'no_own_address',
        'conflict',
        '試し送りの宛先がありません。アカウントに職員番号が登録され、その職員のメールアドレスが名簿にあるときに送れます。職員番号の登録は、運用の担当者に頼んでください。',
      );
    }
    const { messages } = await this.planner.plan(scope, policy, on);
    const first = await firstOf(messages, ({ suppressed }) => suppressed === null);
    if (!first) throw new AppError('nothing_to_test', 'conflict', 'この日に送る相手はいません。');
    const template = compileTemplate(await this.templates.source(this.dataSource.manager, policy.template));
    // Somebody else's message: nothing of that person's own leaves with it.
    const rendered = template(masked(templateKind(policy.template), first.context));
    const subject = `【試し送り】${rendered.subject}`;
    const senders = this.senders.borrow();
    try {
      await senders.of(this.senders.channel).send({
        ...rendered,
        subject,
        to,
        deliveryId: 0,
        messageId: `<${randomUUID()}@${this.senders.domain}>`,
        waveName: `${waveName({ policy: policy.name, on })}-test`,
        date: this.clock.now(),
      });
    } catch (error) {
      if (!(error instanceof SendFailure)) throw error;
      throw new AppError('test_not_sent', 'unavailable', `試し送りができませんでした: ${error.reason}`);
    } finally {
      senders.giveBack();
    }
    await this.audit.record(null, {
      actor: scope.actor,
      action: 'wave_tested',
      details: { policy: policy.name, on },
    });
    return { policy: policy.name, on, to, subject };
  }

  private async ownAddress(userId: number): Promise<string | undefined> {
    const rows: { email: string | null }[] = await this.dataSource.query(
      `SELECT p.email FROM app_user u JOIN staff s ON s.number = u.staff_number
       JOIN staff_profile p ON p.staff_id = s.id AND p.superseded_at IS NULL WHERE u.id = $1`,
      [userId],
    );
    return rows[0]?.email ?? undefined;
  }
}
