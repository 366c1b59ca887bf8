import { Module } from '@nestjs/common';
import { RosterImportService } from './roster-import.service.js';

@Module({ providers: [RosterImportService], exports: [RosterImportService] })
export class RosterModule {}
