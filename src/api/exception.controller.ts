import { Body, Controller, Get, HttpCode, Param, ParseIntPipe, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentScope, Permit } from '../access/permission.decorator.js';
import type { Scope } from '../access/scope.js';
import { ExceptionService } from '../ledger/exception.service.js';
import {
  ApprovalBody,
  DecisionBody,
  ExceptionBody,
  ExceptionDto,
  ExceptionListDto,
  ExceptionQuery,
  WithdrawalBody,
} from './exception.dto.js';

@ApiTags('exceptions')
@Controller('api/v1/exceptions')
@Permit('hr')
export class ExceptionController {
  constructor(private readonly exceptions: ExceptionService) {}

  @Get()
  async list(
    @CurrentScope() scope: Scope,
    @Query() { state, ...filter }: ExceptionQuery,
  ): Promise<ExceptionListDto> {
    const states = state && [state];
    return {
      exceptions: (await this.exceptions.list(scope, { ...filter, states })).map((one) => ({ ...one })),
    };
  }

  @Post()
  request(
    @CurrentScope() scope: Scope,
    @Body() { approve, ...request }: ExceptionBody,
  ): Promise<ExceptionDto> {
    return this.exceptions.request(scope, request, { approve });
  }

  @Post(':id/approve')
  @HttpCode(200)
  approve(
    @CurrentScope() scope: Scope,
    @Param('id', ParseIntPipe) id: number,
    @Body() { reason, ...days }: ApprovalBody,
  ): Promise<ExceptionDto> {
    return this.exceptions.decide(scope, id, 'approved', reason, days);
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

  /** Records what the person says against a rejection, once; HR decides it with `approve` or `reject`. */
  @Post(':id/appeal')
  @HttpCode(200)
  appeal(
    @CurrentScope() scope: Scope,
    @Param('id', ParseIntPipe) id: number,
    @Body() { reason }: DecisionBody,
  ): Promise<ExceptionDto> {
    return this.exceptions.appeal(scope, id, reason);
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
