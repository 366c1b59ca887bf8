import fastifyCookie from '@fastify/cookie';
import fastifyHelmet from '@fastify/helmet';
import fastifyMultipart from '@fastify/multipart';
import { ValidationPipe } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AuditChainService } from './access/audit-chain.service.js';
import { RequestLimits } from './access/request-limits.service.js';
import { LedgerService } from './adoption/ledger.service.js';
import { describeApi } from './api/openapi.js';
import { AppModule } from './app.module.js';
import { bringUpToDate } from './context.setup.js';
import { AppError } from './platform/errors.js';
import { RetentionService } from './ledger/retention.service.js';
import { ImportService } from './platform/imports/import.service.js';
import { MAX_UPLOAD_BYTES } from './platform/imports/upload.js';
import { loggable, type Logger } from './platform/logging.js';
import { NestLog } from './platform/nest-log.js';
import { ProblemFilter } from './platform/problem.filter.js';
import { refuseUnacceptableText } from './platform/request-text.js';
import type { AppOptions } from './rooms.module.js';
import { AnswerLinks } from './reminders/answer-links.service.js';
import { DeliveryWorker } from './reminders/delivery-worker.service.js';
import { WaveScheduler } from './reminders/wave-scheduler.service.js';
import { registerAssets } from './web/assets.js';
import { ErrorPage } from './web/error-page.service.js';

const MAX_JSON_BYTES = 1_000_000;
/** In characters as they are sent: a letter of a Japanese unit code takes nine. */
const MAX_PARAM_LENGTH = 1_000;
const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** Milliseconds a client may take. */
export interface Patience {
  readonly headers: number;
  /** For the whole request: 50 MB over a line of 1 Mbit/s. Whoever dribbles is cut off. */
  readonly request: number;
  /** While nothing moves on a connection, in either direction; a large import takes its time to answer. */
  readonly silence: number;
  /** Between two requests: more than a proxy in front keeps its own idle connections, usually a minute. */
  readonly keepAlive: number;
  /** How often the first two are looked at. */
  readonly check: number;
}

const PATIENCE: Patience = {
  headers: 20 * SECOND,
  request: 8 * MINUTE,
  silence: 10 * MINUTE,
  keepAlive: 65 * SECOND,
  check: 10 * SECOND,
};
/** When the service stops, requests under way get this long. */
const CLOSING_PATIENCE = 5 * SECOND;
/** Swagger UI is a script and styles its elements one by one; it gets that on its own page and nowhere else. */
const DOCS_POLICY =
  "default-src 'none';script-src 'self';style-src 'self' 'unsafe-inline';img-src 'self' data:;" +
  "connect-src 'self';frame-ancestors 'none';base-uri 'none';form-action 'none'";
const SWEEP_EVERY = 60 * MINUTE;
/** Figures are right without; they are read faster when little waits to be summed up. */
const FOLD_EVERY = 10 * SECOND;
const DAY = 24 * 60 * MINUTE;

export interface ServiceOptions extends AppOptions {
  readonly patience?: Partial<Patience>;
}

/** The whole service, ready to listen: what `npm start` and the HTTP tests run alike. */
export async function createApp(options: ServiceOptions): Promise<NestFastifyApplication> {
  await bringUpToDate(options);
  const patience = { ...PATIENCE, ...options.patience };
  let filter: ProblemFilter | undefined;
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.forRoot(options),
    new FastifyAdapter({
      trustProxy: options.config.trustProxy.length > 0 ? [...options.config.trustProxy] : false,
      bodyLimit: MAX_JSON_BYTES,
      requestTimeout: patience.request,
      connectionTimeout: patience.silence,
      keepAliveTimeout: patience.keepAlive,
      http: { headersTimeout: patience.headers, connectionsCheckingInterval: patience.check },
      routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
      // An address that no route can take: the framework's own answer would repeat it.
      frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) =>
        filter!.answer(error, request, reply),
    }),
    { logger: new NestLog(options.logger), abortOnError: false },
  );
  try {
    const errorPage = app.get(ErrorPage);
    filter = new ProblemFilter(options.logger, (problem, request) => errorPage.render(problem, request));
    app.useGlobalFilters(filter);
    await assemble(app, options);
    return app;
  } catch (error) {
    await app.close();
    throw error;
  }
}

async function assemble(app: NestFastifyApplication, { config, logger }: AppOptions): Promise<void> {
  await app.register(fastifyCookie);
  await app.register(fastifyMultipart, {
    limits: { fileSize: MAX_UPLOAD_BYTES, files: 4, fields: 20, fieldSize: 1_000, parts: 24 },
  });
  await app.register(fastifyHelmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        styleSrc: ["'self'"],
        fontSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        frameSrc: ["'self'"],
        formAction: ["'self'"],
        frameAncestors: ["'self'"],
        baseUri: ["'none'"],
      },
    },
    frameguard: { action: 'sameorigin' },
    hsts: config.baseUrl.startsWith('https:'),
    crossOriginEmbedderPolicy: false,
    originAgentCluster: false,
  });
  const fastify = app.getHttpAdapter().getInstance();
  const links = app.get(AnswerLinks);
  await app.get(RequestLimits).attach(fastify, (address) => links.holderOf(address));
  fastify.addHook('preHandler', async (request) => refuseUnacceptableText(request));
  fastify.addHook('onSend', async (request, reply) => {
    // Everything but the assets may show somebody's figures.
    if (!reply.hasHeader('cache-control') && !request.url.startsWith('/assets/')) {
      void reply.header('cache-control', 'no-store');
    }
    if (/^\/api\/docs(?:[/?]|$)/.test(request.url)) {
      void reply.header('content-security-policy', DOCS_POLICY);
    }
  });
  fastify.addHook('preClose', async () => {
    setTimeout(() => fastify.server.closeAllConnections(), CLOSING_PATIENCE).unref();
  });
  await registerAssets(fastify);
  app.useGlobalPipes(
    new ValidationPipe({
      whitelist: true,
      forbidNonWhitelisted: true,
      transform: true,
      exceptionFactory: badInput,
    }),
  );
  describeApi(app);

  const sweep = () => app.get(ImportService).sweep();
  await sweep();
  const sweeping = setInterval(() => {
    sweep().catch((error: unknown) => logger.warn({ err: loggable(error) }, 'sweeping previews failed'));
  }, SWEEP_EVERY).unref();
  fastify.addHook('onClose', async () => clearInterval(sweeping));

  const folding = setInterval(() => {
    app
      .get(LedgerService)
      .fold()
      .catch((error: unknown) => logger.warn({ err: loggable(error) }, 'summing up the ledger failed'));
  }, FOLD_EVERY).unref();
  fastify.addHook('onClose', async () => clearInterval(folding));

  await app.get(WaveScheduler).start();
  await app.get(DeliveryWorker).start();

  const retention = daily(async () => {
    const done = await app.get(RetentionService).daily();
    if (done && done.erased > 0) logger.info({ erased: done.erased }, 'personal data of leavers erased');
    await app.get(AuditChainService).anchor('daily');
  }, logger);
  fastify.addHook('onClose', () => retention.stop());
}

/** At the start and once a day; does not hold up the start, and is waited for at the end. */
function daily(work: () => Promise<void>, logger: Logger): { stop(): Promise<void> } {
  const attempt = () =>
    work().catch((error: unknown) => logger.warn({ err: loggable(error) }, 'the daily work failed'));
  let running = attempt();
  const timer = setInterval(() => {
    running = attempt();
  }, DAY).unref();
  return {
    stop: async () => {
      clearInterval(timer);
      await running;
    },
  };
}

/** Names the fields, never what was in them. */
function badInput(errors: { property: string; constraints?: Record<string, string> }[]): AppError {
  return new AppError('bad_request', 'invalid', '入力の形が正しくありません。', {
    fields: errors.map((error) => ({ field: error.property, rules: Object.keys(error.constraints ?? {}) })),
  });
}
