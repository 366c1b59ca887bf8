import { Module } from '@nestjs/common';
import { AccessModule } from '../access/access.module.js';
import { RenumberService } from './renumber.service.js';
import { RosterImportService } from './roster-import.service.js';

@Module({
  imports: [AccessModule],
  providers: [RosterImportService, RenumberService],
  exports: [RosterImportService, RenumberService],
})
export class RosterModule {}
