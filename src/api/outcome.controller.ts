import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentScope, PermitForWhole } from '../access/permission.decorator.js';
import type { Scope } from '../access/scope.js';
import { OutcomeService } from '../reminders/outcome.service.js';
import { OutcomeListDto, OutcomeQuery, toOutcomes } from './outcome.dto.js';

/** What came of reminding, as counts. Nobody is tracked. */
@ApiTags('reminders')
@Controller('api/v1/outcomes')
@PermitForWhole('hr', 'auditor')
export class OutcomeController {
  constructor(private readonly outcomes: OutcomeService) {}

  @Get()
  async list(@CurrentScope() scope: Scope, @Query() { by }: OutcomeQuery): Promise<OutcomeListDto> {
    return toOutcomes(await this.outcomes.outcomes(scope, by));
  }
}
