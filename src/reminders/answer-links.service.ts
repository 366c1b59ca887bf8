import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AuditService } from '../access/audit.service.js';
import { requireWholeOrganisation, type Scope } from '../access/scope.js';
import { Clock } from '../platform/clock.js';
import type { Config } from '../platform/config.js';
import { AppError } from '../platform/errors.js';
import { addDays, type IsoDate } from '../platform/month.js';
import { CONFIG } from '../platform/tokens.js';
import { addKey, linkedDelivery, lockKeys, newestKey } from './answer-key.query.js';
import {
  ANSWER_PATH,
  answerUrlOf,
  isProven,
  readAnswerToken,
  signAnswer,
  type AnswerClaim,
  type AnswerKey,
} from './answer-token.js';
import type { ClaimedDelivery } from './delivery-queue.query.js';
import { deadlineOf } from './wave-dates.js';

/** Whom a link is for, and until when. */
export interface OpenLink extends Pick<AnswerClaim, 'deliveryId' | 'expiresOn'> {
  readonly staffId: number;
}

/** Long enough for holidays, sick leave and a look back from the next monthly message. */
const DAYS_AFTER_DEADLINE = 28;

/** Makes the links by which people answer, and says whose a link is. */
@Injectable()
export class AnswerLinks {
  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly audit: AuditService,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /**
   * For the messages of a wave that leave now: puts the real link in place of the masked one. Nowhere else are both the
   * link and the person known, so that nobody who sees a message on our pages can answer for its reader.
   */
  forWave(on: IsoDate): (message: Pick<ClaimedDelivery, 'id' | 'messageId' | 'context'>) => Promise<object> {
    const today = this.clock.today();
    const deadline = deadlineOf(on);
    // A wave that was held up leaves its readers as much time.
    const expiresOn = addDays(deadline < today ? today : deadline, DAYS_AFTER_DEADLINE);
    let key: Promise<AnswerKey> | undefined;
    return async ({ id: deliveryId, messageId, context }) => {
      if (!Object.hasOwn(context, 'answerUrl')) return context;
      const token = signAnswer(await (key ??= this.key()), { deliveryId, expiresOn }, messageId);
      return { ...context, answerUrl: answerUrlOf(this.config.baseUrl, token) };
    };
  }

  /**
   * Throws `answer_link_invalid`, the same for a link that never was, is another's, is retired or was not delivered, and
   * `answer_link_expired`, which only the holder of a real one gets to see.
   */
  async open(token: string): Promise<OpenLink> {
    const link = await this.proven(token);
    if (!link) throw this.invalid();
    if (this.clock.today() > link.expiresOn) {
      throw new AppError(
        'answer_link_expired',
        'not_found',
        '次に届く案内のリンクから回答できます。お急ぎのときは、人事課にお知らせください。',
      );
    }
    return link;
  }

  /** The one answer to whatever is no link that holds. */
  invalid(): AppError {
    return new AppError(
      'answer_link_invalid',
      'not_found',
      '届いたメールのリンクが途中で切れていないか確かめて、もう一度開いてください。新しい案内が届いているときは、そちらのリンクを使ってください。',
    );
  }

  /** What requests with this address are counted by: each real link by itself, wherever it is opened; null for others. */
  async holderOf(address: string): Promise<string | null> {
    if (!address.startsWith(ANSWER_PATH)) return null;
    const link = await this.proven(address.slice(ANSWER_PATH.length).split(/[/?]/, 1)[0]!);
    return link && `link ${link.deliveryId}`;
  }

  /** No link that has been sent holds any more; answers stay. For HR of the whole organisation. */
  async retire(scope: Scope): Promise<{ readonly key: number }> {
    const { actor } = requireWholeOrganisation(scope, 'hr');
    return this.dataSource.transaction(async (em) => {
      await lockKeys(em);
      const { id } = await addKey(em, randomBytes(32), this.clock.now(), actor);
      await this.audit.record(em, { actor, action: 'answer_links_retired', details: { key: id } });
      return { key: id };
    });
  }

  private async proven(token: string): Promise<OpenLink | null> {
    const claim = readAnswerToken(token);
    if (!claim) return null;
    const { keyId, deliveryId, expiresOn } = claim;
    const linked = await linkedDelivery(this.dataSource.manager, keyId, deliveryId, this.clock.today());
    if (!linked || !isProven(linked.secret, claim, linked.messageId)) return null;
    return { deliveryId, expiresOn, staffId: linked.staffId };
  }

  /** Made at first use. */
  private async key(): Promise<AnswerKey> {
    const known = await newestKey(this.dataSource.manager);
    if (known) return known;
    return this.dataSource.transaction(async (em) => {
      await lockKeys(em);
      return (await newestKey(em)) ?? addKey(em, randomBytes(32), this.clock.now(), 'system');
    });
  }
}
