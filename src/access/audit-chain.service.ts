import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import type { Config } from '../platform/config.js';
import { loggable, type Logger } from '../platform/logging.js';
import { CONFIG, LOGGER } from '../platform/tokens.js';
import { AuditAnchorFile } from './audit-anchor-file.js';
import { chainHash, ChainWalk, genesis, type ChainAnchor, type ChainVerdict } from './audit-chain.js';
import {
  appendToChain,
  chainedAfter,
  chainEnd,
  hashAt,
  hasPendingEvents,
  lockChainEnd,
  pendingEvents,
  type ChainEnd,
} from './audit-chain.query.js';

const TICK_MS = 1_000;
const BATCH = 1_000;
const READ_BATCH = 5_000;

export interface AuditCheck extends ChainVerdict {
  /** Names the chain: another one has another history. */
  readonly chain: string;
  /** Notes of an earlier end of the chain that it was compared with. */
  readonly anchors: number;
}

/**
 * Chains the audit record. Writers only insert; one chainer at a time numbers and hashes what is committed, so that no
 * transaction waits for another one's commit. Every process does so once a second and once more when it ends.
 */
@Injectable()
export class AuditChainService implements OnModuleInit, OnModuleDestroy {
  private readonly anchorFile: AuditAnchorFile;
  private timer?: NodeJS.Timeout;
  private ticking: Promise<void> = Promise.resolve();
  private isTicking = false;

  constructor(
    private readonly db: DataSource,
    @Inject(CONFIG) config: Pick<Config, 'dataDir'>,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.anchorFile = new AuditAnchorFile(config.dataDir);
  }

  onModuleInit(): void {
    this.timer = setInterval(() => {
      if (!this.isTicking) this.ticking = this.tick();
    }, TICK_MS).unref();
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    await this.ticking;
    await this.tick();
  }

  /** Chains everything that is committed by now; waits for another process that is just doing so. */
  async catchUp(): Promise<ChainAnchor> {
    while (await this.chainBatch(true));
    const { rows, head } = await chainEnd(this.db.manager);
    return { rows, head };
  }

  /** The same, and puts the end of the chain into the log, from where it is collected elsewhere. */
  async anchor(reason: string): Promise<ChainAnchor> {
    const end = await this.catchUp();
    this.logger.info({ reason, rows: end.rows, head: end.head }, 'end of the audit chain');
    return end;
  }

  /**
   * Recomputes the whole chain and compares it with where it ended before: as the database says, as this machine noted
   * and, with `noted`, as somebody wrote down.
   */
  async verify(noted: readonly ChainAnchor[] = []): Promise<AuditCheck> {
    await this.catchUp();
    // Read before the snapshot: what is noted has been committed.
    const { id } = await chainEnd(this.db.manager);
    const file = await this.anchorFile.read(id);
    return this.db.transaction('REPEATABLE READ', (em) => this.check(em, file ? [file, ...noted] : noted));
  }

  /** `verify` within a transaction and against the given notes alone. */
  async check(em: EntityManager, anchors: readonly ChainAnchor[] = []): Promise<AuditCheck> {
    const end = await chainEnd(em);
    const walk = new ChainWalk(genesis(end.id), anchors);
    for (let after = 0; !walk.isBroken;) {
      const rows = await chainedAfter(em, after, READ_BATCH);
      for (const { seq, hash, ...event } of rows) walk.add({ ...event, seq: seq! }, hash!);
      if (rows.length < READ_BATCH) break;
      after = rows.at(-1)!.seq!;
    }
    return { chain: end.id, anchors: anchors.length, ...walk.finish(end) };
  }

  private async tick(): Promise<void> {
    this.isTicking = true;
    try {
      if (await hasPendingEvents(this.db.manager)) while (await this.chainBatch(false));
    } catch (error) {
      this.logger.warn(
        { err: loggable(error) },
        'the audit record could not be chained; it will be tried again',
      );
    } finally {
      this.isTicking = false;
    }
  }

  /** True when there may be more. */
  private async chainBatch(wait: boolean): Promise<boolean> {
    const done = await this.db.transaction(async (em) => {
      const end = await lockChainEnd(em, wait);
      if (!end) return null;
      const events = await pendingEvents(em, BATCH);
      if (events.length === 0) return null;
      let { rows, head } = end;
      const links = events.map(({ hash: _hash, ...event }) => {
        rows += 1;
        head = chainHash(head, { ...event, seq: rows });
        return { id: event.id, seq: rows, hash: head };
      });
      await appendToChain(em, links);
      return { id: end.id, rows, head, full: events.length === BATCH };
    });
    if (!done) return false;
    await this.note(done);
    return done.full;
  }

  /** Only after the commit: a note must never be ahead of the chain. And never over a note that does not fit. */
  private async note(end: ChainEnd): Promise<void> {
    try {
      const before = await this.anchorFile.read(end.id);
      if (before && before.rows >= end.rows) {
        // Another process was faster, or rows are gone: `verify` tells which.
        return;
      }
      if (before && before.rows > 0 && (await hashAt(this.db.manager, before.rows)) !== before.head) {
        this.logger.error({ rows: before.rows }, 'the audit chain is not the one noted earlier: run verify');
        return;
      }
      await this.anchorFile.write(end.id, end);
    } catch (error) {
      this.logger.warn({ err: loggable(error) }, 'the end of the audit chain could not be noted');
    }
  }
}
