import { Module } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import { AdoptionModule } from '../adoption/adoption.module.js';
import { DeliveryDataService } from './delivery-data.service.js';
import { DispatcherService } from './dispatcher.service.js';
import { MessageSenders } from './message-senders.service.js';
import { MessageTemplateService } from './message-template.service.js';
import { PolicyService } from './policy.service.js';
import { TemplateEditorService } from './template-editor.service.js';
import { WavePlanner } from './wave-planner.service.js';
import { WaveService } from './wave.service.js';

@Module({
  imports: [AccessModule, AdoptionModule],
  providers: [
    MessageTemplateService,
    MessageSenders,
    DispatcherService,
    WavePlanner,
    WaveService,
    PolicyService,
    DeliveryDataService,
    TemplateEditorService,
  ],
  exports: [WaveService, PolicyService, DispatcherService, DeliveryDataService, TemplateEditorService],
})
export class RemindersModule {}
