import '@fastify/rate-limit';
import { Inject, Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Config } from '../platform/config.js';
import { AppError } from '../platform/errors.js';
import { CONFIG } from '../platform/tokens.js';

const MINUTE = 60_000;
/** Whoever is not signed in, at one address: enough for an office behind one address to open its sign-in pages. */
const SHARE_OF_AN_ADDRESS = 1 / 2;
/** Files that are read or typeset, months that are closed, waves that are sent. */
const SHARE_OF_COSTLY_WORK = 1 / 20;

type Limiter = ReturnType<FastifyInstance['createRateLimit']>;

/**
 * How often somebody may ask. Accounts are counted wherever they come from, and only those who are nobody by their
 * address: an abuser never uses up what the others at the address have. Kept in this process, for the last 5,000 accounts
 * and addresses each.
 */
@Injectable()
export class RequestLimits {
  private limiters?: Record<'account' | 'address' | 'costly', Limiter>;

  constructor(
    private readonly http: HttpAdapterHost,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** After the guard has found out who asks. Throws `too_many_requests`. */
  async account(request: FastifyRequest, isCostly: boolean): Promise<void> {
    const { account, costly } = this.all();
    await refuse(account, request);
    if (isCostly) await refuse(costly, request);
  }

  /** For requests without an account, those with an invented cookie among them. Throws `too_many_requests`. */
  address(request: FastifyRequest): Promise<void> {
    return refuse(this.all().address, request);
  }

  private all() {
    const perMinute = this.config.requestsPerMinute;
    const { createRateLimit } = this.http.httpAdapter.getInstance<FastifyInstance>();
    const limiter = (share: number, keyGenerator: (request: FastifyRequest) => string | number) =>
      createRateLimit({ max: Math.max(1, Math.floor(perMinute * share)), timeWindow: MINUTE, keyGenerator });
    return (this.limiters ??= {
      account: limiter(1, accountOf),
      costly: limiter(SHARE_OF_COSTLY_WORK, accountOf),
      address: limiter(SHARE_OF_AN_ADDRESS, (request) => request.ip),
    });
  }
}

const accountOf = (request: FastifyRequest) => request.access!.session.userId;

async function refuse(limiter: Limiter, request: FastifyRequest): Promise<void> {
  const answer = await limiter(request);
  if (answer.isAllowed || !answer.isExceeded) return;
  throw new AppError(
    'too_many_requests',
    'rate_limited',
    `短い時間に操作が続いたため、受け付けを止めています。${answer.ttlInSeconds}秒ほど待ってから、もう一度お試しください。`,
    { retryAfterSeconds: answer.ttlInSeconds },
  );
}
