import { Module, type DynamicModule } from '@nestjs/common';
import { ACCESS_ENTITIES } from './access/access.entities.js';
import { AccessModule } from './access/access.module.js';
import { AdoptionModule } from './adoption/adoption.module.js';
import { ImportsModule } from './imports.module.js';
import { CardEvent } from './ledger/card-event.entity.js';
import { LedgerModule } from './ledger/ledger.module.js';
import type { Config } from './platform/config.js';
import { ImportBatch } from './platform/imports/import-batch.entity.js';
import type { Logger } from './platform/logging.js';
import { PersonalDataModule } from './personal-data.module.js';
import { PlatformModule } from './platform/platform.module.js';
import { RemindersModule } from './reminders/reminders.module.js';
import { MonthClose } from './reports/month-close.entity.js';
import { ReportsModule } from './reports/reports.module.js';
import { RosterModule } from './roster/roster.module.js';

const ENTITIES = [...ACCESS_ENTITIES, ImportBatch, CardEvent, MonthClose];

export interface AppOptions {
  readonly config: Config;
  readonly logger: Logger;
  readonly databaseUrl: string;
}

/** The rooms of the house without its web doors: all that the command line needs, in half the loading time. */
@Module({})
export class RoomsModule {
  static forRoot(options: AppOptions): DynamicModule {
    return {
      module: RoomsModule,
      imports: [
        PlatformModule.forRoot({ ...options, entities: ENTITIES }),
        AccessModule,
        RosterModule,
        LedgerModule,
        AdoptionModule,
        ImportsModule,
        RemindersModule,
        ReportsModule,
        PersonalDataModule,
      ],
    };
  }
}
