import { Module } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import { AdoptionModule } from '../adoption/adoption.module.js';
import { MonthCloseService } from './month-close.service.js';
import { OpenDataService } from './open-data.service.js';
import { PublicationService } from './publication.service.js';
import { ReportBuilder } from './report-builder.service.js';
import { RestatementService } from './restatement.service.js';

@Module({
  imports: [AccessModule, AdoptionModule],
  providers: [ReportBuilder, MonthCloseService, OpenDataService, PublicationService, RestatementService],
  exports: [MonthCloseService, OpenDataService, PublicationService, RestatementService],
})
export class ReportsModule {}
