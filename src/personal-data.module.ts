import { Global, Module } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AccessModule } from './access/access.module.js';
import { AuditService } from './access/audit.service.js';
import { LedgerModule } from './ledger/ledger.module.js';
import { PersonExportService } from './ledger/person-export.service.js';
import type { PersonalDataHolder } from './ledger/personal-data.types.js';
import { RetentionService } from './ledger/retention.service.js';
import { StaffRecordService } from './ledger/staff-record.service.js';
import { Clock } from './platform/clock.js';
import type { Config } from './platform/config.js';
import { eraseQuotesOf, forgetQuotes } from './platform/imports/import-quotes.js';
import { CONFIG } from './platform/tokens.js';
import { DeliveryDataService } from './reminders/delivery-data.service.js';
import { RemindersModule } from './reminders/reminders.module.js';

/** Import reports may quote what stood in a file; they are not kept by person, so they are no part of an export. */
const IMPORT_REPORTS: PersonalDataHolder = {
  collect: async () => [],
  erase: eraseQuotesOf,
};

/** Brings every room that keeps something about people together: what one of them forgets is erased nowhere. */
@Global()
@Module({
  imports: [AccessModule, LedgerModule, RemindersModule],
  providers: [
    {
      provide: PersonExportService,
      inject: [DataSource, Clock, AuditService, StaffRecordService, DeliveryDataService],
      useFactory: (
        dataSource: DataSource,
        clock: Clock,
        audit: AuditService,
        records: StaffRecordService,
        ...holders: PersonalDataHolder[]
      ) => new PersonExportService(dataSource, clock, audit, records, [...holders, IMPORT_REPORTS]),
    },
    {
      provide: RetentionService,
      inject: [DataSource, Clock, AuditService, CONFIG, DeliveryDataService],
      useFactory: (
        dataSource: DataSource,
        clock: Clock,
        audit: AuditService,
        config: Config,
        ...holders: PersonalDataHolder[]
      ) =>
        new RetentionService(
          dataSource,
          clock,
          audit,
          config.retentionMonths,
          [...holders, IMPORT_REPORTS],
          (before) => forgetQuotes(dataSource.manager, before),
        ),
    },
  ],
  exports: [PersonExportService, RetentionService],
})
export class PersonalDataModule {}
