import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentScope, Permit } from '../access/permission.decorator.js';
import type { Scope } from '../access/scope.js';
import { AdoptionService } from '../adoption/adoption.service.js';
import { PublicationService, seesPublishedOnly } from '../reports/publication.service.js';
import {
  AsOfQuery,
  RemainingQuery,
  toPublishedLine,
  toPublishedTrend,
  toPublishedUnit,
  toTrend,
  toUnitAdoption,
  toUnitLine,
  TrendDto,
  TrendQuery,
  UnitAdoptionDto,
  UnitListDto,
} from './unit.dto.js';

/** Counts and rates of units. Leaders and auditors get closed months, small groups merged or left out. */
@ApiTags('units')
@Controller('api/v1/units/:code')
@Permit('hr', 'leader', 'auditor', 'manager')
export class UnitController {
  constructor(
    private readonly adoption: AdoptionService,
    private readonly publication: PublicationService,
  ) {}

  /** One unit with its children, the goal and the citizens. */
  @Get('adoption')
  async unit(
    @CurrentScope() scope: Scope,
    @Param('code') code: string,
    @Query() { asOf }: AsOfQuery,
  ): Promise<UnitAdoptionDto> {
    if (seesPublishedOnly(scope)) return toPublishedUnit(await this.publication.unit(scope, code, asOf));
    return toUnitAdoption(scope, await this.adoption.unit(scope, code, asOf));
  }

  /** The units directly below, most people remaining first. */
  @Get('children')
  async children(
    @CurrentScope() scope: Scope,
    @Param('code') code: string,
    @Query() { asOf }: AsOfQuery,
  ): Promise<UnitListDto> {
    if (seesPublishedOnly(scope)) {
      const { children } = await this.publication.unit(scope, code, asOf);
      return { units: children.map(toPublishedLine) };
    }
    const lines = await this.adoption.children(scope, code, asOf);
    return { units: lines.map((line) => toUnitLine(scope, line)) };
  }

  /** Month ends; the month that is not over yet stands as of today. */
  @Get('trend')
  async trend(
    @CurrentScope() scope: Scope,
    @Param('code') code: string,
    @Query() { from, to }: TrendQuery,
  ): Promise<TrendDto> {
    if (seesPublishedOnly(scope)) {
      const { unit, goal } = await this.publication.unit(scope, code);
      return toPublishedTrend(unit, goal, await this.publication.series(scope), { from, to });
    }
    return toTrend(scope, await this.adoption.trend(scope, code, from, to));
  }

  /** Every unit below with somebody remaining, most people first. */
  @Get('remaining')
  async remaining(
    @CurrentScope() scope: Scope,
    @Param('code') code: string,
    @Query() { asOf, limit }: RemainingQuery,
  ): Promise<UnitListDto> {
    if (seesPublishedOnly(scope))
      return { units: await this.publication.remaining(scope, code, limit, asOf) };
    const lines = await this.adoption.remaining(scope, code, limit, asOf);
    return { units: lines.map((line) => toUnitLine(scope, line)) };
  }
}
