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
import { discardWaiting, eraseQuotesOf, forgetQuotes } from './platform/imports/import-quotes.js';
import { UploadStore } from './platform/imports/upload-store.js';
import { CONFIG } from './platform/tokens.js';
import { DeliveryDataService } from './reminders/delivery-data.service.js';
import { RemindersModule } from './reminders/reminders.module.js';

/**
 * Import reports may quote what stood in a file, and a file that waits to be applied may hold the person; they are not
 * kept by person, so they are no part of an export. What was waiting has to be tried again.
 */
const imports = (uploads: UploadStore): PersonalDataHolder => ({
  collect: async () => [],
  erase: async (em, leavers) => {
    await eraseQuotesOf(
      em,
      leavers.map(({ number, formerNumbers, spellings }) => ({
        numbers: [number, ...formerNumbers],
        spellings,
      })),
    );
    for (const id of await discardWaiting(em, ['roster', 'reorganisation', 'status']))
      await uploads.forget(id);
  },
});

/** Accounts linked to a person: link, shown name, identity and tokens go; the login name stays, as the audit record has it. */
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
         WHERE staff_number = ANY ($1::text[]) RETURNING id),
       tokens AS (
         UPDATE api_token SET name = '(消去済み)', revoked_at = coalesce(revoked_at, $2)
         WHERE user_id IN (SELECT id FROM gone))
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
      inject: [DataSource, Clock, AuditService, StaffRecordService, UploadStore, DeliveryDataService],
      useFactory: (
        dataSource: DataSource,
        clock: Clock,
        audit: AuditService,
        records: StaffRecordService,
        uploads: UploadStore,
        ...holders: PersonalDataHolder[]
      ) =>
        new PersonExportService(dataSource, clock, audit, records, [
          ...holders,
          accounts(clock),
          imports(uploads),
        ]),
    },
    {
      provide: RetentionService,
      inject: [DataSource, Clock, AuditService, CONFIG, UploadStore, DeliveryDataService],
      useFactory: (
        dataSource: DataSource,
        clock: Clock,
        audit: AuditService,
        config: Config,
        uploads: UploadStore,
        ...holders: PersonalDataHolder[]
      ) =>
        new RetentionService(
          dataSource,
          clock,
          audit,
          config.retentionMonths,
          [...holders, accounts(clock), imports(uploads)],
          (before) => forgetQuotes(dataSource.manager, before),
        ),
    },
  ],
  exports: [PersonExportService, RetentionService],
})
export class PersonalDataModule {}
