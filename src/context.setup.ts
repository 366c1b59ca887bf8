import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { DataSource } from 'typeorm';
import { dataSourceOptions } from './platform/database/data-source-options.js';
import { migrate } from './platform/database/migrate.js';
import { AppError } from './platform/errors.js';
import { NestLog } from './platform/nest-log.js';
import { RoomsModule, type AppOptions } from './rooms.module.js';

/** Brings the database up to date and puts the rooms together, without any door. */
export async function createContext(options: AppOptions): Promise<INestApplicationContext> {
  await bringUpToDate(options);
  return NestFactory.createApplicationContext(RoomsModule.forRoot(options), {
    logger: new NestLog(options.logger),
    abortOnError: false,
  });
}

/** Throws `database_unreachable`, `database_too_old`, `database_encoding` or `database_rights`, each naming DATABASE_URL. */
export async function bringUpToDate({ databaseUrl }: Pick<AppOptions, 'databaseUrl'>): Promise<void> {
  const dataSource = new DataSource(dataSourceOptions(databaseUrl));
  try {
    await dataSource.initialize();
  } catch (error) {
    throw unreachable(error);
  }
  try {
    await assertUsable(dataSource);
    await migrate(dataSource);
  } catch (error) {
    throw (error as { code?: string }).code === NO_RIGHTS ? withoutRights() : error;
  } finally {
    await dataSource.destroy();
  }
}

/** What the schema and the searches rely on, said before a migration fails half-way for want of it. */
async function assertUsable(dataSource: DataSource): Promise<void> {
  const [server] = await dataSource.query<{ version: number; encoding: string }[]>(
    `SELECT current_setting('server_version_num')::int AS version, current_setting('server_encoding') AS encoding`,
  );
  if (server!.version < OLDEST_VERSION * 10_000) {
    throw new AppError(
      'database_too_old',
      'unexpected',
      `DATABASE_URL: PostgreSQL ${OLDEST_VERSION} 以後が必要です(接続先は ${Math.floor(server!.version / 10_000)})。`,
    );
  }
  if (server!.encoding !== 'UTF8') {
    throw new AppError(
      'database_encoding',
      'unexpected',
      `DATABASE_URL: 文字コードが UTF8 のデータベースが必要です(接続先は ${server!.encoding})。`,
    );
  }
}

function withoutRights(): AppError {
  return new AppError(
    'database_rights',
    'unexpected',
    'DATABASE_URL: この利用者には、データベースに表を作る権限がありません。データベースの所有者で接続してください。',
  );
}

const OLDEST_VERSION = 15;
const NO_RIGHTS = '42501';

const WHY: Record<string, string> = {
  ECONNREFUSED: 'その場所でPostgreSQLが動いていません',
  ENOTFOUND: 'ホスト名が見つかりません',
  EAI_AGAIN: 'ホスト名を調べられません',
  ETIMEDOUT: '応答がありません',
  '28P01': '利用者名またはパスワードが違います',
  '28000': 'この利用者では接続できません',
  '3D000': 'データベースがありません',
  '53300': '接続数が上限に達しています',
};

/** The driver's own message may quote the address with its password. */
function unreachable(error: unknown): AppError {
  const { code = 'unknown' } = error as { code?: string };
  return new AppError(
    'database_unreachable',
    'unexpected',
    `DATABASE_URL: データベースに接続できません(${WHY[code] ?? code})。接続先を確かめてください。`,
    { code },
  );
}
