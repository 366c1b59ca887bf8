import { Module } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import { CardEventService } from './card-event.service.js';
import { ExceptionService } from './exception.service.js';
import { OutOfPlanService } from './out-of-plan.service.js';
import { OwnExceptionService } from './own-exception.service.js';
import { StaffListService } from './staff-list.service.js';
import { StaffRecordService } from './staff-record.service.js';
import { UnitNamesService } from './unit-names.service.js';
import { StatusImportService } from './status-import.service.js';

const SERVICES = [
  StatusImportService,
  CardEventService,
  ExceptionService,
  OwnExceptionService,
  OutOfPlanService,
  StaffListService,
  StaffRecordService,
  UnitNamesService,
];

@Module({ imports: [AccessModule], providers: SERVICES, exports: SERVICES })
export class LedgerModule {}
