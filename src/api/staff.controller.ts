import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentScope, Permit } from '../access/permission.decorator.js';
import type { Scope } from '../access/scope.js';
import { CardEventService } from '../ledger/card-event.service.js';
import { StaffListService } from '../ledger/staff-list.service.js';
import { CardEventBody, CardEventDto, StaffPageDto, StaffQuery } from './staff.dto.js';

/** People and their statuses, for HR; every look is on the audit record. */
@ApiTags('staff')
@Controller('api/v1/staff')
@Permit('hr')
export class StaffController {
  constructor(
    private readonly staff: StaffListService,
    private readonly events: CardEventService,
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
}
