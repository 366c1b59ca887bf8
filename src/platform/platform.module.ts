import { Global, Module, type DynamicModule } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import type { EntityTarget, ObjectLiteral } from 'typeorm';
import { Clock } from './clock.js';
import type { Config } from './config.js';
import { dataSourceOptions } from './database/data-source-options.js';
import { ReadinessService } from './database/readiness.service.js';
import type { Logger } from './logging.js';
import { CONFIG, LOGGER } from './tokens.js';

export interface PlatformOptions {
  readonly config: Config;
  readonly logger: Logger;
  readonly databaseUrl: string;
  readonly entities: EntityTarget<ObjectLiteral>[];
}

/** What every room may ask for: the database, the clock, the configuration and the log. */
@Global()
@Module({})
export class PlatformModule {
  static forRoot({ config, logger, databaseUrl, entities }: PlatformOptions): DynamicModule {
    return {
      module: PlatformModule,
      imports: [
        TypeOrmModule.forRoot({
          ...dataSourceOptions(databaseUrl),
          entities: entities as never[],
          retryAttempts: 0,
        }),
      ],
      providers: [
        { provide: CONFIG, useValue: config },
        { provide: LOGGER, useValue: logger },
        { provide: Clock, useValue: new Clock(config.now) },
        ReadinessService,
      ],
      exports: [CONFIG, LOGGER, Clock, ReadinessService],
    };
  }
}
