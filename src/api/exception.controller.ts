import { Body, Controller, Get, HttpCode, Param, ParseIntPipe, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentScope, Permit } from '../access/permission.decorator.js';
import type { Scope } from '../access/scope.js';
import { ExceptionService } from '../ledger/exception.service.js';
import {
  DecisionBody,
  ExceptionBody,
  ExceptionDto,
  ExceptionListDto,
  WithdrawalBody,
} from './exception.dto.js';

@ApiTags('exceptions')
@Controller('api/v1/exceptions')
@Permit('hr')
export class ExceptionController {
  constructor(private readonly exceptions: ExceptionService) {}

  @Get()
  async list(@CurrentScope() scope: Scope): Promise<ExceptionListDto> {
    return { exceptions: (await this.exceptions.list(scope)).map((exception) => ({ ...exception })) };
  }

  @Post()
  request(@CurrentScope() scope: Scope, @Body() body: ExceptionBody): Promise<ExceptionDto> {
    return this.exceptions.request(scope, body);
  }

  @Post(':id/approve')
  @HttpCode(200)
  approve(
    @CurrentScope() scope: Scope,
    @Param('id', ParseIntPipe) id: number,
    @Body() { reason }: DecisionBody,
  ): Promise<ExceptionDto> {
    return this.exceptions.decide(scope, id, 'approved', reason);
  }

  @Post(':id/reject')
  @HttpCode(200)
  reject(
    @CurrentScope() scope: Scope,
    @Param('id', ParseIntPipe) id: number,
    @Body() { reason }: DecisionBody,
  ): Promise<ExceptionDto> {
    return this.exceptions.decide(scope, id, 'rejected', reason);
  }

  /** Ends an approved exception on a day. */
  @Post(':id/withdraw')
  @HttpCode(200)
  withdraw(
    @CurrentScope() scope: Scope,
    @Param('id', ParseIntPipe) id: number,
    @Body() { on, reason }: WithdrawalBody,
  ): Promise<ExceptionDto> {
    return this.exceptions.withdraw(scope, id, on, reason);
  }
}
