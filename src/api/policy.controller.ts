import { Body, Controller, Get, Param, Put } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentScope, PermitForWhole } from '../access/permission.decorator.js';
import type { Scope } from '../access/scope.js';
import { PolicyService } from '../reminders/policy.service.js';
import {
  PolicyBody,
  PolicyDto,
  PolicyListDto,
  ReminderRulesBody,
  ReminderRulesDto,
  toPolicies,
  toRules,
} from './policy.dto.js';

/** The standing rules of reminders, and when and how often they may speak. */
@ApiTags('reminders')
@Controller('api/v1')
@PermitForWhole('hr')
export class PolicyController {
  constructor(private readonly policies: PolicyService) {}

  @Get('policies')
  async list(@CurrentScope() scope: Scope): Promise<PolicyListDto> {
    return toPolicies(await this.policies.standing(scope));
  }

  /** Switches a policy on or off; nothing is sent by it. */
  @Put('policies/:name')
  set(
    @CurrentScope() scope: Scope,
    @Param('name') name: string,
    @Body() { on }: PolicyBody,
  ): Promise<PolicyDto> {
    return this.policies.set(scope, name, on);
  }

  /** What holds for all policies together. */
  @Put('reminder-rules')
  async setRules(@CurrentScope() scope: Scope, @Body() body: ReminderRulesBody): Promise<ReminderRulesDto> {
    return toRules(await this.policies.changeRules(scope, body));
  }
}
