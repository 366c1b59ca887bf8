import fastifyCookie from '@fastify/cookie';
import fastifyHelmet from '@fastify/helmet';
import fastifyMultipart from '@fastify/multipart';
import { ValidationPipe, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { DataSource } from 'typeorm';
import { describeApi } from './api/openapi.js';
import { AppModule, type AppOptions } from './app.module.js';
import { NestLog } from './platform/nest-log.js';
import { dataSourceOptions } from './platform/database/data-source-options.js';
import { migrate } from './platform/database/migrate.js';
import { AppError } from './platform/errors.js';
import { ImportService } from './platform/imports/import.service.js';
import { ProblemFilter } from './platform/problem.filter.js';
import { registerAssets } from './web/assets.js';
import { ErrorPage } from './web/error-page.service.js';

const MAX_JSON_BYTES = 1_000_000;
export const MAX_UPLOAD_BYTES = 50_000_000;

/** Brings the database up to date and puts the rooms together, without any door. */
export async function createContext(options: AppOptions): Promise<INestApplicationContext> {
  await bringUpToDate(options.databaseUrl);
  return NestFactory.createApplicationContext(AppModule.forRoot(options), {
    logger: new NestLog(options.logger),
    abortOnError: false,
  });
}

/** The whole service, ready to listen: what `npm start` and the HTTP tests run alike. */
export async function createApp(options: AppOptions): Promise<NestFastifyApplication> {
  await bringUpToDate(options.databaseUrl);
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.forRoot(options),
    new FastifyAdapter({ bodyLimit: MAX_JSON_BYTES, routerOptions: { maxParamLength: 200 } }),
    { logger: new NestLog(options.logger), abortOnError: false },
  );
  const secure = options.config.baseUrl.startsWith('https:');
  await app.register(fastifyCookie);
  await app.register(fastifyMultipart, {
    limits: { fileSize: MAX_UPLOAD_BYTES, files: 4, fields: 20, fieldSize: 1_000 },
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
    hsts: secure,
    crossOriginEmbedderPolicy: false,
    originAgentCluster: false,
  });
  const fastify = app.getHttpAdapter().getInstance();
  fastify.addHook('onSend', async (request, reply) => {
    // Everything but the assets may show somebody's figures.
    if (!reply.hasHeader('cache-control') && !request.url.startsWith('/assets/')) {
      void reply.header('cache-control', 'no-store');
    }
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
  const errorPage = app.get(ErrorPage);
  app.useGlobalFilters(
    new ProblemFilter(options.logger, (problem, request) => errorPage.render(problem, request)),
  );
  describeApi(app);
  await app.get(ImportService).sweep();
  return app;
}

async function bringUpToDate(databaseUrl: string): Promise<void> {
  const dataSource = await new DataSource(dataSourceOptions(databaseUrl)).initialize();
  try {
    await migrate(dataSource);
  } finally {
    await dataSource.destroy();
  }
}

/** Names the fields, never what was in them. */
function badInput(errors: { property: string; constraints?: Record<string, string> }[]): AppError {
  return new AppError('bad_request', 'invalid', '入力の形が正しくありません。', {
    fields: errors.map((error) => ({ field: error.property, rules: Object.keys(error.constraints ?? {}) })),
  });
}
