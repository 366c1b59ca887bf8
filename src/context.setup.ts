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

/** Throws `database_unreachable` where nobody answers, or not to us. */
export async function bringUpToDate({ databaseUrl }: Pick<AppOptions, 'databaseUrl'>): Promise<void> {
  const dataSource = new DataSource(dataSourceOptions(databaseUrl));
  try {
    await dataSource.initialize();
  } catch (error) {
    throw unreachable(error);
  }
  try {
    await migrate(dataSource);
  } finally {
    await dataSource.destroy();
  }
}

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
