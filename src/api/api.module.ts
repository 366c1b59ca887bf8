import { Module } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import { AdoptionModule } from '../adoption/adoption.module.js';
import { LedgerModule } from '../ledger/ledger.module.js';
import { RemindersModule } from '../reminders/reminders.module.js';
import { ReportsModule } from '../reports/reports.module.js';
import { RosterModule } from '../roster/roster.module.js';
import { AuditController } from './audit.controller.js';
import { ExceptionController } from './exception.controller.js';
import { HealthController } from './health.controller.js';
import { ImportController } from './import.controller.js';
import { OutcomeController } from './outcome.controller.js';
import { PolicyController } from './policy.controller.js';
import { ReportController } from './report.controller.js';
import { SessionController } from './session.controller.js';
import { StaffController } from './staff.controller.js';
import { TemplateController } from './template.controller.js';
import { UnitController } from './unit.controller.js';
import { WaveController } from './wave.controller.js';

@Module({
  imports: [AccessModule, RosterModule, LedgerModule, AdoptionModule, RemindersModule, ReportsModule],
  controllers: [
    SessionController,
    UnitController,
    StaffController,
    ImportController,
    ExceptionController,
    OutcomeController,
    PolicyController,
    WaveController,
    TemplateController,
    ReportController,
    AuditController,
    HealthController,
  ],
})
export class ApiModule {}
