import { Module } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import { AdoptionService } from './adoption.service.js';
import { CitizenComparisonService } from './citizen-comparison.service.js';
import { CitizensImportService } from './citizens-import.service.js';
import { ChangesService } from './changes.service.js';
import { CityService } from './city.service.js';
import { DefinitionService } from './definition.service.js';
import { LedgerService } from './ledger.service.js';
import { ReorganisationImportService } from './reorganisation-import.service.js';

const SERVICES = [
  AdoptionService,
  ChangesService,
  CityService,
  DefinitionService,
  CitizenComparisonService,
  CitizensImportService,
  LedgerService,
  ReorganisationImportService,
];

@Module({ imports: [AccessModule], providers: SERVICES, exports: SERVICES })
export class AdoptionModule {}
