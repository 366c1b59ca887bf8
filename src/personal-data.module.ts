import { Global, Module } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AccessModule } from './access/access.module.js';
import { AuditService } from './access/audit.service.js';
import { LedgerModule } from './ledger/ledger.module.js';
import { PersonExportService } from './ledger/person-export.service.js';
import { section } from './ledger/person-sections.js';
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

/** Accounts linked to a person: the link, the name shown and the identity go; the login name stays in the audit record. */
const accounts = (clock: Clock): PersonalDataHolder => ({
  collect: async (em, staffId) => [
    section(
      'accounts',
      '利用者アカウント',
      { name: 'ログイン名', displayName: '表示名', createdAt: '作成日時' },
      await em.query(
        `SELECT u.name, u.display_name AS "displayName", u.created_at AS "createdAt"
         FROM app_user u JOIN staff st ON st.number = u.staff_number WHERE st.id = $1`,
        [staffId],
      ),
    ),
  ],
  erase: async (em, leavers) => {
    await em.query(
      `WITH gone AS (
         UPDATE app_user SET staff_number = NULL, display_name = '(退職した利用者)', oidc_issuer = NULL, oidc_subject = NULL,
                             disabled_at = coalesce(disabled_at, $2)
         WHERE staff_number = ANY ($1::text[]) RETURNING id)
       UPDATE app_session SET ended_at = $2 WHERE ended_at IS NULL AND user_id IN (SELECT id FROM gone)`,
      [leavers.map(({ number }) => number), clock.now()],
    );
  },
});

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
      ) =>
        new PersonExportService(dataSource, clock, audit, records, [
          ...holders,
          accounts(clock),
          IMPORT_REPORTS,
        ]),
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
          [...holders, accounts(clock), IMPORT_REPORTS],
          (before) => forgetQuotes(dataSource.manager, before),
        ),
    },
  ],
  exports: [PersonExportService, RetentionService],
})
export class PersonalDataModule {}
