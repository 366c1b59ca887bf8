import { Module } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import { AdoptionModule } from '../adoption/adoption.module.js';
import { LedgerModule } from '../ledger/ledger.module.js';
import { RemindersModule } from '../reminders/reminders.module.js';
import { ReportsModule } from '../reports/reports.module.js';
import { AnswerPagesController } from './answer.controller.js';
import { AuditPagesController } from './audit.controller.js';
import { AccountController } from './account.controller.js';
import { ChatPagesController } from './chat.controller.js';
import { ChangesPageController } from './changes.controller.js';
import { DefinitionPagesController } from './definition.controller.js';
import { DashboardController } from './dashboard.controller.js';
import { ErrorPage } from './error-page.service.js';
import { ExceptionPagesController } from './exception.controller.js';
import { FramedPages } from './framed-pages.service.js';
import { ImportPagesController } from './import.controller.js';
import { OwnExceptionPagesController } from './own-exception.controller.js';
import { PageService } from './page.service.js';
import { OutcomePagesController } from './outcome.controller.js';
import { PolicyPagesController } from './policy.controller.js';
import { PublishedPage } from './published-page.service.js';
import { ReferenceDayService } from './reference-day.service.js';
import { ReportPagesController } from './report.controller.js';
import { SettingPagesController } from './setting.controller.js';
import { SignInController } from './sign-in.controller.js';
import { StaffPagesController } from './staff.controller.js';
import { TemplatePagesController } from './template.controller.js';
import { UnitPagesController } from './unit.controller.js';
import { UserPagesController } from './user.controller.js';
import { WavePagesController } from './wave.controller.js';

@Module({
  imports: [AccessModule, LedgerModule, AdoptionModule, RemindersModule, ReportsModule],
  controllers: [
    SignInController,
    DashboardController,
    UnitPagesController,
    ChangesPageController,
    ImportPagesController,
    WavePagesController,
    ReportPagesController,
    StaffPagesController,
    AuditPagesController,
    AccountController,
    OwnExceptionPagesController,
    ExceptionPagesController,
    SettingPagesController,
    DefinitionPagesController,
    OutcomePagesController,
    PolicyPagesController,
    ChatPagesController,
    TemplatePagesController,
    UserPagesController,
    AnswerPagesController,
  ],
  providers: [PageService, FramedPages, PublishedPage, ErrorPage, ReferenceDayService],
  exports: [ErrorPage],
})
export class WebModule {}
