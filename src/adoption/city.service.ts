import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Clock } from '../platform/clock.js';
import { AppError } from '../platform/errors.js';
import { containsIndividualNumber } from '../platform/individual-number.js';
import { isIsoDate, type IsoDate } from '../platform/month.js';
import { readAreaList } from './area-list.js';
import { NATION } from './area-match.js';
import type { Goal } from './rate.js';

export interface City {
  readonly name: string;
  /** 全国地方公共団体コード; null while it is not known. */
  readonly areaCode: string | null;
  /** Areas whose citizens stand beside the city's own; given as empty: its prefecture and the nation. */
  readonly compareCodes: readonly string[];
  /** Where staff may ask: shown in every message. */
  readonly contact: string;
}

const EVERYBODY: Goal = { rate: 100, by: null };

/** Whose tracker this is, and what it aims at. */
@Injectable()
export class CityService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
  ) {}

  /**
   * As it was set last. What was not set follows from the organisation: its root gives the name, and the area where
   * exactly one has that name.
   */
  async current(): Promise<City> {
    const [city]: City[] = await this.dataSource.query(
      `SELECT name, area_code AS "areaCode", compare_codes AS "compareCodes", contact FROM city ORDER BY id DESC LIMIT 1`,
    );
    const rootName = city?.areaCode ? null : await this.rootName();
    const areaCode = city?.areaCode ?? (rootName === null ? null : await this.onlyAreaCalled(rootName));
    return {
      name: city?.name ?? rootName ?? '全庁',
      areaCode,
      compareCodes: city?.compareCodes.length ? city.compareCodes : await this.usualComparison(areaCode),
      contact: city?.contact ?? '',
    };
  }

  /** Throws `bad_city`, `unknown_area`, `individual_number`. */
  async set(city: City, actor: string): Promise<void> {
    const name = city.name.trim();
    const contact = city.contact.trim();
    if (name === '') throw new AppError('bad_city', 'invalid', '団体の名前を入力してください。');
    if (containsIndividualNumber(name) || containsIndividualNumber(contact)) {
      throw new AppError(
        'individual_number',
        'refused',
        '個人番号(マイナンバー)と読める12桁の数字が含まれているため、登録していません。数字を取り除いてください。',
      );
    }
    const known = new Set((await readAreaList()).map((area) => area.code));
    const unknown = [city.areaCode ?? NATION, ...city.compareCodes].filter((code) => !known.has(code));
    if (unknown.length > 0) {
      throw new AppError(
        'unknown_area',
        'invalid',
        '全国地方公共団体コードに見つからない番号があります。6桁のコードで指定してください(例: 172014)。',
      );
    }
    await this.dataSource.query(
      `INSERT INTO city (name, area_code, compare_codes, contact, recorded_at, recorded_by)
       VALUES ($1, $2, $3, $4, $5, $6)`,
      [name, city.areaCode, city.compareCodes, contact, this.clock.now(), actor],
    );
  }

  /** The goal that holds on the day; everybody, without a date, unless one was set. */
  async goal(asOf: IsoDate): Promise<Goal> {
    const [goal]: Goal[] = await this.dataSource.query(
      `SELECT rate::float8 AS rate, reach_by AS by FROM goal WHERE valid_from <= $1
       ORDER BY valid_from DESC, id DESC LIMIT 1`,
      [asOf],
    );
    return goal ?? EVERYBODY;
  }

  /** From `validFrom` (today unless given) on. Throws `bad_goal`. */
  async setGoal(goal: Goal, actor: string, validFrom: IsoDate = this.clock.today()): Promise<void> {
    const tenths = goal.rate * 10;
    if (!(tenths >= 1 && tenths <= 1000) || Math.abs(tenths - Math.round(tenths)) > 1e-9) {
      throw new AppError(
        'bad_goal',
        'invalid',
        '目標は0.1から100までの百分率で、小数は1桁までにしてください。',
      );
    }
    if ((goal.by !== null && !isIsoDate(goal.by)) || !isIsoDate(validFrom)) {
      throw new AppError('bad_goal', 'invalid', '目標の日付は 2023-03-31 のように指定してください。');
    }
    await this.dataSource.query(
      `INSERT INTO goal (rate, reach_by, valid_from, recorded_at, recorded_by) VALUES ($1, $2, $3, $4, $5)`,
      [goal.rate, goal.by, validFrom, this.clock.now(), actor],
    );
  }

  private async rootName(): Promise<string | null> {
    const [root]: { name: string }[] = await this.dataSource.query(
      `SELECT name FROM unit_period
       WHERE parent_id IS NULL AND superseded_at IS NULL AND valid_from <= $1 AND $1 < valid_to
       ORDER BY position, unit_id LIMIT 1`,
      [this.clock.today()],
    );
    return root?.name ?? null;
  }

  private async onlyAreaCalled(name: string): Promise<string | null> {
    const areas: { code: string }[] = await this.dataSource.query(
      `SELECT code FROM area WHERE name = $1 LIMIT 2`,
      [name],
    );
    return areas.length === 1 ? areas[0]!.code : null;
  }

  private async usualComparison(areaCode: string | null): Promise<string[]> {
    const [prefecture]: { code: string }[] = await this.dataSource.query(
      `SELECT p.code FROM area own JOIN area p ON p.kind = 'prefecture' AND p.name = own.prefecture
       WHERE own.code = $1`,
      [areaCode],
    );
    return [...(prefecture ? [prefecture.code] : []), NATION];
  }
}
