import { Module } from '@nestjs/common';
import { AdoptionService } from './adoption.service.js';
import { CitizenComparisonService } from './citizen-comparison.service.js';
import { CitizensImportService } from './citizens-import.service.js';
import { CityService } from './city.service.js';
import { LedgerService } from './ledger.service.js';

const SERVICES = [
  AdoptionService,
  CityService,
  CitizenComparisonService,
  CitizensImportService,
  LedgerService,
];

@Module({ providers: SERVICES, exports: SERVICES })
export class AdoptionModule {}
