import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { everything, requireWholeOrganisation, type Scope } from '../access/scope.js';
import { AdoptionService } from '../adoption/adoption.service.js';
import type { UnitName } from '../adoption/adoption.types.js';
import type { DefinitionName } from '../adoption/definition.js';
import { DefinitionService } from '../adoption/definition.service.js';
import { percentage, type Counts } from '../adoption/rate.js';
import type { IsoDate, IsoMonth } from '../platform/month.js';
import { findClosedFigures } from './closed-figures.query.js';
import { MonthCloseService } from './month-close.service.js';

export interface StatedFigures extends Counts {
  readonly rate: number | null;
}

/** A unit with what was reported and what is counted for the same day today; null where it was, or is, not there. */
export interface RestatedUnit {
  readonly unit: UnitName;
  readonly reported: StatedFigures | null;
  readonly recounted: StatedFigures | null;
}

export interface Restatement {
  readonly month: IsoMonth;
  readonly version: number;
  readonly asOf: IsoDate;
  readonly closedAt: string;
  readonly definition: {
    /** Null in months that were closed before definitions were kept. */
    readonly reported: DefinitionName | null;
    readonly recounted: DefinitionName;
  };
  /** Those in which any figure differs, the whole organisation first if it is one of them. */
  readonly units: readonly RestatedUnit[];
}

/** What corrections after the close have made of a closed month, beside what was reported. */
@Injectable()
export class RestatementService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly adoption: AdoptionService,
    private readonly definitions: DefinitionService,
    private readonly months: MonthCloseService,
  ) {}

  /** For HR alone: a correction concerns few people. Throws `bad_month`, `month_not_closed`. */
  async of(scope: Scope, month: IsoMonth): Promise<Restatement> {
    requireWholeOrganisation(scope, 'hr');
    const { version, asOf, closedAt, definition } = await this.months.document(scope, month);
    const [reported, recounted] = await Promise.all([
      findClosedFigures(this.dataSource.manager, month, version),
      this.adoption.lines(everything(scope.actor), asOf),
    ]);
    const units = new Map<string, RestatedUnit>();
    for (const { unit, counts } of reported) {
      units.set(unit.code, { unit, reported: stated(counts), recounted: null });
    }
    for (const line of recounted) {
      const before = units.get(line.unit.code);
      units.set(line.unit.code, {
        unit: before?.unit ?? line.unit,
        reported: before?.reported ?? null,
        recounted: stated(line),
      });
    }
    return {
      month,
      version,
      asOf,
      closedAt,
      definition: { reported: definition ?? null, recounted: await this.definitions.on(asOf) },
      units: [...units.values()].filter((unit) => !isDeepStrictEqual(unit.reported, unit.recounted)),
    };
  }
}

function stated(counts: Counts): StatedFigures {
  const { staff, held, applied, notApplied, undisclosed, unanswered, lapsed, exempt } = counts;
  return {
    staff,
    held,
    applied,
    notApplied,
    undisclosed,
    unanswered,
    lapsed,
    exempt,
    rate: percentage(held, staff),
  };
}
