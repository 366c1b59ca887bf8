import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentScope, Permit, PermitForWhole } from '../access/permission.decorator.js';
import type { Scope } from '../access/scope.js';
import { CardEventService } from '../ledger/card-event.service.js';
import { StaffListService } from '../ledger/staff-list.service.js';
import { RenumberService } from '../roster/renumber.service.js';
import {
  CardEventBody,
  CardEventDto,
  RenumberBody,
  RenumberedDto,
  StaffPageDto,
  StaffQuery,
} from './staff.dto.js';

/** People and their statuses, for HR; every look is on the audit record. */
@ApiTags('staff')
@Controller('api/v1/staff')
@Permit('hr')
export class StaffController {
  constructor(
    private readonly staff: StaffListService,
    private readonly events: CardEventService,
    private readonly numbers: RenumberService,
  ) {}

  @Get()
  async list(@CurrentScope() scope: Scope, @Query() query: StaffQuery): Promise<StaffPageDto> {
    const { unit, q, status, expiring, cursor, asOf } = query;
    const page = await this.staff.page(scope, { unitCode: unit, query: q, status, expiring, cursor, asOf });
    return { ...page, items: page.items.map((item) => ({ ...item })) };
  }

  /** Adds a card event; a correction names the one it replaces. */
  @Post(':number/card-events')
  record(
    @CurrentScope() scope: Scope,
    @Param('number') number: string,
    @Body() body: CardEventBody,
  ): Promise<CardEventDto> {
    return this.events.record(scope, number, body);
  }

  /** Gives the person another number; the one before is kept, and nobody else gets it. */
  @Post(':number/renumber')
  @HttpCode(200)
  @PermitForWhole('hr')
  renumber(
    @CurrentScope() scope: Scope,
    @Param('number') number: string,
    @Body() body: RenumberBody,
  ): Promise<RenumberedDto> {
    return this.numbers.renumber(scope, number, body.number);
  }
}
