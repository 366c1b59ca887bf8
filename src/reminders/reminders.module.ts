import { Module } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import { AdoptionModule } from '../adoption/adoption.module.js';
import { LedgerModule } from '../ledger/ledger.module.js';
import { AnswerLinks } from './answer-links.service.js';
import { AnswerService } from './answer.service.js';
import { BounceService } from './bounce.service.js';
import { DeliveryDataService } from './delivery-data.service.js';
import { AbandonedDeliveries } from './abandoned-deliveries.service.js';
import { DeliveryPace } from './delivery-pace.service.js';
import { DeliveryWorker } from './delivery-worker.service.js';
import { DispatcherService } from './dispatcher.service.js';
import {
  ExceptionDecidedPlanner,
  ExceptionEndingPlanner,
  ExceptionFacts,
} from './exception-planner.service.js';
import { DigestPlanner } from './digest-planner.service.js';
import { EscalationPlanner } from './escalation-planner.service.js';
import { ManagerPlanner } from './manager-planner.service.js';
import { MessageSenders } from './message-senders.service.js';
import { MessageTemplateService } from './message-template.service.js';
import { OutcomeService } from './outcome.service.js';
import { PolicyService } from './policy.service.js';
import { StaffPlanner } from './staff-planner.service.js';
import { TemplateEditorService } from './template-editor.service.js';
import { ThanksPlanner } from './thanks-planner.service.js';
import { UnitFacts } from './unit-facts.service.js';
import { UnitWebhookService } from './unit-webhook.service.js';
import { WaveControl } from './wave-control.service.js';
import { WaveCreation } from './wave-creation.service.js';
import { WaveEnd } from './wave-end.service.js';
import { WavePlanner } from './wave-planner.service.js';
import { WaveScheduler } from './wave-scheduler.service.js';
import { WaveTestService } from './wave-test.service.js';
import { WaveService } from './wave.service.js';

@Module({
  imports: [AccessModule, LedgerModule, AdoptionModule],
  providers: [
    MessageTemplateService,
    MessageSenders,
    DeliveryPace,
    DispatcherService,
    AbandonedDeliveries,
    DeliveryWorker,
    UnitFacts,
    ManagerPlanner,
    StaffPlanner,
    ExceptionFacts,
    ExceptionDecidedPlanner,
    ExceptionEndingPlanner,
    ThanksPlanner,
    DigestPlanner,
    EscalationPlanner,
    WavePlanner,
    WaveControl,
    WaveCreation,
    WaveEnd,
    WaveService,
    WaveScheduler,
    PolicyService,
    OutcomeService,
    WaveTestService,
    DeliveryDataService,
    TemplateEditorService,
    BounceService,
    AnswerLinks,
    AnswerService,
    UnitWebhookService,
  ],
  exports: [
    OutcomeService,
    WaveScheduler,
    AnswerLinks,
    AnswerService,
    WaveTestService,
    WaveService,
    WaveControl,
    PolicyService,
    TemplateEditorService,
    BounceService,
    DeliveryWorker,
    DeliveryPace,
    DeliveryDataService,
    UnitWebhookService,
  ],
})
export class RemindersModule {}
