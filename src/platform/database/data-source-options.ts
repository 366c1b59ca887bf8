import { type CustomTypesConfig, types } from 'pg';
import type { DataSourceOptions } from 'typeorm';
import { MIGRATIONS } from '../../../migrations/index.js';

/** Its number is missing in the types of `pg`. */
const TEXT_ARRAY = 1009 as number as Parameters<typeof types.getTypeParser>[0];
const asText = (value: string) => value;
const textArray = types.getTypeParser(TEXT_ARRAY) as (value: string) => (string | null)[];
const numberArray = (value: string) => textArray(value).map((item) => (item === null ? null : Number(item)));

/** By PostgreSQL's type numbers: int8, numeric and date, then their arrays. Ids and counts stay far below 2^53. */
const PARSERS: Record<number, (value: string) => unknown> = {
  20: Number,
  1700: Number,
  1082: asText,
  1016: numberArray,
  1231: numberArray,
  1182: textArray,
};

/** For any `pg` client, so that all read the same: days as 'YYYY-MM-DD' (or 'infinity'), int8 and numeric as number. */
export const PG_TYPES: CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    (format !== 'binary' && PARSERS[oid]) ||
    types.getTypeParser(oid, format)) as CustomTypesConfig['getTypeParser'],
};

export function dataSourceOptions(
  url: string,
  entities: Exclude<DataSourceOptions['entities'], undefined> = [],
): DataSourceOptions {
  return {
    type: 'postgres',
    url,
    entities,
    migrations: MIGRATIONS,
    migrationsTransactionMode: 'each',
    applicationName: 'staff-card-tracker',
    extra: {
      types: PG_TYPES,
      // Business days are Tokyo's, whatever the server or the role is set to.
      options: '-c TimeZone=Asia/Tokyo -c DateStyle=ISO',
    },
  };
}
