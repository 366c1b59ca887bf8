import { setTimeout as sleep } from 'node:timers/promises';
import { Controller, Get, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { Public } from '../access/permission.decorator.js';
import { ReadinessService } from '../platform/database/readiness.service.js';
import { DeliveryWorker } from '../reminders/delivery-worker.service.js';

/** For whoever keeps the service alive. Nothing here tells of people. */
@ApiExcludeController()
@Controller()
@Public()
export class HealthController {
  private readonly metricsRegistry = new Registry();

  constructor(
    private readonly readiness: ReadinessService,
    private readonly worker: DeliveryWorker,
  ) {
    collectDefaultMetrics({ register: this.metricsRegistry });
  }

  /** The process answers. */
  @Get('healthz')
  alive(): object {
    return { status: 'ok' };
  }

  /** The process can do its work: the database answers and its schema is this program's. */
  @Get('readyz')
  async ready(@Res() reply: FastifyReply): Promise<void> {
    const [database, migrations, queue] = await Promise.all([
      check(() => this.readiness.assertAnswers()),
      check(() => this.readiness.isUpToDate()),
      check(() => this.worker.assertWorking()),
    ]);
    const ready = database && migrations && queue;
    void reply.status(ready ? 200 : 503).send({
      status: ready ? 'ok' : 'unavailable',
      checks: { database: toWord(database), migrations: toWord(migrations), queue: toWord(queue) },
    });
  }

  @Get('metrics')
  async metrics(@Res() reply: FastifyReply): Promise<void> {
    void reply.type(this.metricsRegistry.contentType).send(await this.metricsRegistry.metrics());
  }
}

/** A database that does not answer in time is as good as gone to whoever waits for a page. */
const PATIENCE_MS = 3_000;

async function check(question: () => Promise<unknown>): Promise<boolean> {
  try {
    const late = sleep(PATIENCE_MS, false, { ref: false });
    return (await Promise.race([question(), late])) !== false;
  } catch {
    return false;
  }
}

function toWord(ok: boolean): 'ok' | 'failed' {
  return ok ? 'ok' : 'failed';
}
