import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Clock } from '../platform/clock.js';
import { prepared } from '../platform/database/prepared.js';
import { AppError } from '../platform/errors.js';
import { refuseIn } from '../platform/request-text.js';
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
    const [city] = await prepared<City>(this.dataSource.manager, CURRENT, [this.clock.today(), NATION]);
    return city!;
  }

  /** Throws `bad_city`, `unknown_area`, `individual_number`. */
  async set(city: City, actor: string): Promise<void> {
    const name = city.name.trim();
    const contact = city.contact.trim();
    if (name === '') throw new AppError('bad_city', 'invalid', '団体の名前を入力してください。');
    refuseIn(name, 'name');
    refuseIn(contact, 'contact');
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
    const [goal] = await prepared<Goal>(this.dataSource.manager, GOAL, [asOf]);
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
}

/** $1 today, $2 code of the nation */
const CURRENT = /* sql */ `
SELECT coalesce(given.name, root.name, '全庁') AS name, own.code AS "areaCode", coalesce(given.contact, '') AS contact,
       CASE WHEN cardinality(given.compare_codes) > 0 THEN given.compare_codes ELSE array_remove(ARRAY[(
         SELECT p.code FROM area a JOIN area p ON p.kind = 'prefecture' AND p.name = a.prefecture WHERE a.code = own.code
       ), $2::text], NULL) END AS "compareCodes"
FROM (VALUES (true)) AS always
LEFT JOIN (SELECT * FROM city ORDER BY id DESC LIMIT 1) AS given ON true
LEFT JOIN (
  SELECT name FROM unit_period
  WHERE parent_id IS NULL AND superseded_at IS NULL AND valid_from <= $1::date AND $1::date < valid_to
  ORDER BY position, unit_id LIMIT 1
) AS root ON true
CROSS JOIN LATERAL (
  SELECT coalesce(given.area_code, (SELECT min(code) FROM area WHERE name = root.name HAVING count(*) = 1)) AS code
) AS own`;

/** $1 day */
const GOAL = /* sql */ `
SELECT rate::float8 AS rate, reach_by AS by FROM goal WHERE valid_from <= $1 ORDER BY valid_from DESC, id DESC LIMIT 1`;
