import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { IsoDate } from '../platform/month.js';
import type { CitizenComparison } from './adoption.types.js';
import { newestFigures } from './citizens.query.js';
import { CityService } from './city.service.js';
import { percentage, points } from './rate.js';

/** The citizens beside the staff: the city itself, then the areas it compares itself with. */
@Injectable()
export class CitizenComparisonService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly city: CityService,
  ) {}

  /**
   * What was published on or before the day, for a staff rate (null: no differences). An area whose figures are not
   * imported is left out.
   */
  async on(asOf: IsoDate, rate: number | null): Promise<CitizenComparison[]> {
    const { areaCode, compareCodes } = await this.city.current();
    const codes = [...new Set(areaCode === null ? compareCodes : [areaCode, ...compareCodes])];
    const figures = await newestFigures(this.dataSource.manager, codes, asOf);
    return figures.map((figure) => {
      const { cards, population } = figure;
      const counted = cards === null || population === null ? null : percentage(cards, population);
      const citizenRate = counted ?? figure.rate;
      return { ...figure, rate: citizenRate, differencePoints: points(rate, citizenRate) };
    });
  }
}
