import { Global, Module } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AccessModule } from './access/access.module.js';
import { AuditService } from './access/audit.service.js';
import { AdoptionModule } from './adoption/adoption.module.js';
import { CitizensImportService } from './adoption/citizens-import.service.js';
import { ReorganisationImportService } from './adoption/reorganisation-import.service.js';
import { LedgerModule } from './ledger/ledger.module.js';
import { StatusImportService } from './ledger/status-import.service.js';
import { Clock } from './platform/clock.js';
import type { Config } from './platform/config.js';
import { ImportRuns } from './platform/imports/import-runs.service.js';
import type { ImportHandler } from './platform/imports/import-handler.js';
import { ImportService } from './platform/imports/import.service.js';
import { UploadStore } from './platform/imports/upload-store.js';
import { CONFIG } from './platform/tokens.js';
import { RosterImportService } from './roster/roster-import.service.js';
import { RosterModule } from './roster/roster.module.js';

/** Brings the one way of importing and the rooms that understand a kind of file together. */
@Global()
@Module({
  imports: [AccessModule, RosterModule, LedgerModule, AdoptionModule],
  providers: [
    ImportRuns,
    {
      provide: UploadStore,
      inject: [CONFIG],
      useFactory: (config: Config) => new UploadStore(config.dataDir),
    },
    {
      provide: ImportService,
      inject: [
        DataSource,
        Clock,
        UploadStore,
        AuditService,
        RosterImportService,
        ReorganisationImportService,
        StatusImportService,
        CitizensImportService,
      ],
      useFactory: (
        dataSource: DataSource,
        clock: Clock,
        uploads: UploadStore,
        audit: AuditService,
        ...handlers: ImportHandler[]
      ) =>
        new ImportService(dataSource, clock, uploads, handlers, (em, { importId, actor }, kind, done) =>
          audit.record(em, {
            actor,
            action: `import_${done}`,
            target: `import:${importId}`,
            details: { kind },
          }),
        ),
    },
  ],
  exports: [ImportRuns, ImportService, UploadStore],
})
export class ImportsModule {}
