import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentScope, Permit } from '../access/permission.decorator.js';
import type { Scope } from '../access/scope.js';
import { AdoptionService } from '../adoption/adoption.service.js';
import { AppError } from '../platform/errors.js';
import {
  AsOfQuery,
  RemainingQuery,
  seesUnits,
  toTrend,
  toUnitAdoption,
  toUnitLine,
  TrendDto,
  TrendQuery,
  UnitAdoptionDto,
  UnitListDto,
} from './unit.dto.js';

/** Counts and rates of units; leadership and auditors see the whole only, its small units merged into the total. */
@ApiTags('units')
@Controller('api/v1/units/:code')
@Permit('hr', 'leader', 'auditor', 'manager')
export class UnitController {
  constructor(private readonly adoption: AdoptionService) {}

  /** One unit with its children, the goal and the citizens. */
  @Get('adoption')
  async unit(
    @CurrentScope() scope: Scope,
    @Param('code') code: string,
    @Query() { asOf }: AsOfQuery,
  ): Promise<UnitAdoptionDto> {
    const sight = await this.adoption.sightOf(scope, code, asOf);
    await this.assertShown(sight, code, asOf);
    return toUnitAdoption(sight, await this.adoption.unit(sight, code, asOf));
  }

  /** The units directly below, most people remaining first. */
  @Get('children')
  async children(
    @CurrentScope() scope: Scope,
    @Param('code') code: string,
    @Query() { asOf }: AsOfQuery,
  ): Promise<UnitListDto> {
    const sight = await this.adoption.sightOf(scope, code, asOf);
    assertSeesUnits(sight);
    const lines = await this.adoption.children(sight, code, asOf);
    return { units: lines.map((line) => toUnitLine(sight, line)) };
  }

  /** Month ends; the month that is not over yet stands as of today. */
  @Get('trend')
  async trend(
    @CurrentScope() scope: Scope,
    @Param('code') code: string,
    @Query() { from, to }: TrendQuery,
  ): Promise<TrendDto> {
    const sight = await this.adoption.sightOfTrend(scope, code, to);
    await this.assertShown(sight, code);
    return toTrend(sight, await this.adoption.trend(sight, code, from, to));
  }

  /** Every unit below with somebody remaining, most people first. */
  @Get('remaining')
  async remaining(
    @CurrentScope() scope: Scope,
    @Param('code') code: string,
    @Query() { asOf, limit }: RemainingQuery,
  ): Promise<UnitListDto> {
    const sight = await this.adoption.sightOf(scope, code, asOf);
    assertSeesUnits(sight);
    const lines = await this.adoption.remaining(sight, code, limit, asOf);
    return { units: lines.map((line) => toUnitLine(sight, line)) };
  }

  /** The same answer for every other code, so that it tells of none whether there is such a unit. */
  private async assertShown(scope: Scope, code: string, asOf?: string): Promise<void> {
    if (seesUnits(scope)) return;
    const { unit } = await this.adoption.unit(scope, undefined, asOf, 0);
    if (unit.code !== code) throw wholeOnly();
  }
}

function assertSeesUnits(scope: Scope): void {
  if (!seesUnits(scope)) throw wholeOnly();
}

function wholeOnly(): AppError {
  return new AppError(
    'whole_organisation_only',
    'forbidden',
    '市長・部局長と監査の権限で見られるのは全体の数字です。所属ごとの数字は月次レポートにあります。',
  );
}
