import fastifyRateLimit, { normalizeIP } from '@fastify/rate-limit';
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Config } from '../platform/config.js';
import { AppError } from '../platform/errors.js';
import { CONFIG } from '../platform/tokens.js';
import { RequestIdentity } from './request-identity.service.js';

const MINUTE = 60_000;
/** Whoever is not signed in, at one address: enough for an office behind one address to open its sign-in pages. */
const SHARE_OF_AN_ADDRESS = 1 / 2;
/** Files that are read or typeset, months that are closed, waves that are sent. */
const SHARE_OF_COSTLY_WORK = 1 / 20;
/** Signing in costs the hash of a password; an office does it in the morning, all at once. */
const SHARE_OF_SIGN_INS = 1 / 5;
/** Whoever has one opens it a few times, or a mail scanner does. */
const SHARE_OF_A_LINK = 1 / 20;
/** Cheap, and asked for by browsers and monitors without end. */
const FREE = /^\/(?:assets\/|(?:healthz|readyz|metrics)(?:\?|$))/;

type Limiter = ReturnType<FastifyInstance['createRateLimit']>;

/** `link <id>` for the address of a link that was really sent to somebody; null for anything else. */
export type LinkHolder = (address: string) => Promise<string | null>;

/**
 * How often somebody may ask. Accounts are counted wherever they come from, links that were sent each by itself, and only
 * those who are nobody by their address: an abuser never uses up what the others at the address have. Kept in this process, for the last 5,000 accounts
 * and addresses each.
 */
@Injectable()
export class RequestLimits {
  private any: Limiter;
  private costly: Limiter;
  private linkHolder: LinkHolder = async () => null;

  constructor(
    private readonly identity: RequestIdentity,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Counts every request from here on before its body is read, also those that lead nowhere or are refused early. */
  async attach(fastify: FastifyInstance, linkHolder?: LinkHolder): Promise<void> {
    if (linkHolder) this.linkHolder = linkHolder;
    await fastify.register(fastifyRateLimit, { global: false });
    const limiter = (ofAccount: number, ofAddress: number) => {
      const shares: Record<string, number> = { address: ofAddress, link: SHARE_OF_A_LINK };
      return fastify.createRateLimit({
        timeWindow: MINUTE,
        keyGenerator: (request) => this.keyOf(request),
        max: (_, key) => this.most(shares[key.split(' ', 1)[0]!] ?? ofAccount),
      });
    };
    this.any = limiter(1, SHARE_OF_AN_ADDRESS);
    this.costly = limiter(SHARE_OF_COSTLY_WORK, SHARE_OF_SIGN_INS);
    fastify.addHook('onRequest', async (request) => {
      if (!FREE.test(request.url)) await refuse(this.any, request);
    });
  }

  /** Counts a request once more. Throws `too_many_requests`. */
  countCostly(request: FastifyRequest): Promise<void> {
    return refuse(this.costly, request);
  }

  private most(share: number): number {
    return Math.max(1, Math.floor(this.config.requestsPerMinute * share));
  }

  /** Tokens count apart from the browser, so that a program that runs wild does not lock its owner out. */
  private async keyOf(request: FastifyRequest): Promise<string> {
    // An office that answers behind one address, all at once, is no abuse.
    const link = await this.linkHolder(request.url);
    if (link) return link;
    const access = await this.identity.of(request).catch((error: unknown) => {
      if (error instanceof AppError) return null;
      throw error;
    });
    if (access) return `${access.token ? 'token' : 'session'} ${access.session.userId}`;
    return `address ${normalizeIP(request.ip)}`;
  }
}

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
