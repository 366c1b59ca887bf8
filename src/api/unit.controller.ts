import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentScope, Permit } from '../access/permission.decorator.js';
import type { Scope } from '../access/scope.js';
import { AdoptionService } from '../adoption/adoption.service.js';
import { ChangesService } from '../adoption/changes.service.js';
import { DefinitionService } from '../adoption/definition.service.js';
import { PublicationService, refuseRestated, seesPublishedOnly } from '../reports/publication.service.js';
import { ChangesDto, ChangesQuery } from './changes.dto.js';
import {
  PlacedQuery,
  PlacedUnitListDto,
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
    private readonly definitions: DefinitionService,
    private readonly differences: ChangesService,
    private readonly publication: PublicationService,
  ) {}

  /** One unit with its children, the goal and the citizens. */
  @Get('adoption')
  async unit(
    @CurrentScope() scope: Scope,
    @Param('code') code: string,
    @Query() { asOf, tree }: PlacedQuery,
  ): Promise<UnitAdoptionDto> {
    const sight = await this.adoption.sightOf(scope, code, asOf, tree);
    if (seesPublishedOnly(sight)) {
      refuseRestated(tree);
      return toPublishedUnit(await this.publication.unit(sight, code, asOf));
    }
    return toUnitAdoption(sight, await this.adoption.unit(sight, code, asOf, 1, tree));
  }

  /** The units directly below, most people remaining first. */
  @Get('children')
  async children(
    @CurrentScope() scope: Scope,
    @Param('code') code: string,
    @Query() { asOf, tree }: PlacedQuery,
  ): Promise<PlacedUnitListDto> {
    const sight = await this.adoption.sightOf(scope, code, asOf, tree);
    if (seesPublishedOnly(sight)) {
      refuseRestated(tree);
      const { children, definition, asOf: treeAsOf } = await this.publication.unit(sight, code, asOf);
      return { definition, tree, treeAsOf, units: children.map(toPublishedLine) };
    }
    const lines = await this.adoption.children(sight, code, asOf, tree);
    return {
      definition: await this.definitions.on(asOf),
      tree,
      treeAsOf: this.adoption.dayOf(tree, asOf),
      units: lines.map((line) => toUnitLine(sight, line)),
    };
  }

  /** Month ends; the month that is not over yet stands as of today. */
  @Get('trend')
  async trend(
    @CurrentScope() scope: Scope,
    @Param('code') code: string,
    @Query() { from, to, tree }: TrendQuery,
  ): Promise<TrendDto> {
    const sight = await this.adoption.sightOfTrend(scope, code, to, tree);
    if (seesPublishedOnly(sight)) {
      refuseRestated(tree);
      const { unit, goal } = await this.publication.unit(sight, code);
      return toPublishedTrend(unit, goal, await this.publication.series(sight), { from, to });
    }
    return toTrend(sight, await this.adoption.trend(sight, code, from, to, tree));
  }

  /** Why the figures differ between two days. */
  @Permit('hr', 'manager')
  @Get('changes')
  async changes(
    @CurrentScope() scope: Scope,
    @Param('code') code: string,
    @Query() { from, to }: ChangesQuery,
  ): Promise<ChangesDto> {
    const changes = await this.differences.between(scope, code, from, to);
    return { ...changes, parts: [...changes.parts] };
  }

  /** Every unit below with somebody remaining, most people first. */
  @Get('remaining')
  async remaining(
    @CurrentScope() scope: Scope,
    @Param('code') code: string,
    @Query() { asOf, limit }: RemainingQuery,
  ): Promise<UnitListDto> {
    const sight = await this.adoption.sightOf(scope, code, asOf);
    if (seesPublishedOnly(sight)) return this.publication.remaining(sight, code, limit, asOf);
    const lines = await this.adoption.remaining(sight, code, limit, asOf);
    return {
      definition: await this.definitions.on(asOf),
      units: lines.map((line) => toUnitLine(sight, line)),
    };
  }
}
