import { Module } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import { AdoptionModule } from '../adoption/adoption.module.js';
import { LedgerModule } from '../ledger/ledger.module.js';
import { RemindersModule } from '../reminders/reminders.module.js';
import { ReportsModule } from '../reports/reports.module.js';
import { ErrorPage } from './error-page.service.js';
import { PageService } from './page.service.js';
import { SignInController } from './sign-in.controller.js';

@Module({
  imports: [AccessModule, LedgerModule, AdoptionModule, RemindersModule, ReportsModule],
  controllers: [SignInController],
  providers: [PageService, ErrorPage],
  exports: [ErrorPage],
})
export class WebModule {}
