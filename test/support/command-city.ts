import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { command } from './commands.js';
import type { Outcome } from './programs.js';
import { UNIT_LINES } from './little-city.js';
import { createTestDatabase } from './test-database.js';

export const ROSTER = [
  '職員番号,氏名,所属コード,メールアドレス,所属長',
  '0000001,見本 花子,11,hanako@example.jp,○',
  '0000002,見本 太郎,11,,',
  '0000003,見本 次郎,21,sakura@example.jp,○',
  '0000004,見本 桜,21,,',
];
export const STATUS = [
  '職員番号,取得状況,基準日',
  '0000001,保有,2022-10-01',
  '0000002,申請中,2022-10-01',
  '0000003,回答しない,2022-10-05',
];

export interface CommandCity {
  readonly env: Record<string, string>;
  readonly folder: string;
  /** What the imports that filled the city said. */
  readonly imported: Outcome;
  readonly recorded: Outcome;
  run(...args: string[]): Promise<Outcome>;
  /** With `--json`: the one document on standard output. */
  json(...args: string[]): Promise<Record<string, unknown>>;
  /** Writes a file and answers its path. */
  file(name: string, lines: readonly string[]): string;
  close(): Promise<void>;
}

/** Four people in two sections, imported by `run`, one of whom holds a card: for tests of the command line. */
export async function openCommandCity(run: typeof command = command): Promise<CommandCity> {
  const database = await createTestDatabase();
  const folder = mkdtempSync(join(tmpdir(), 'tracker-cli-'));
  const env = { DATABASE_URL: database.url, DATA_DIR: folder, NOW: '2022-11-10T09:00:00+09:00' };
  const file = (name: string, lines: readonly string[]) => {
    const path = join(folder, name);
    writeFileSync(path, lines.join('\r\n'));
    return path;
  };
  const files = [file('meibo.csv', ROSTER), '--units', file('shozoku.csv', UNIT_LINES)];
  const imported = await run(env, 'import', 'roster', ...files, '--as-of', '2022-10-01', '--json');
  const recorded = await run(env, '--json', 'import', 'status', file('shutoku.csv', STATUS));
  return {
    env,
    folder,
    imported,
    recorded,
    run: (...args) => run(env, ...args),
    json: async (...args) => documentOf(await run(env, ...args, '--json')),
    file,
    close: async () => {
      await database.drop();
      rmSync(folder, { recursive: true });
    },
  };
}

/** One line on standard output. */
export function documentOf({ stdout }: Outcome): Record<string, unknown> {
  if (stdout.trimEnd().includes('\n')) throw new Error(`more than a document: ${stdout}`);
  return JSON.parse(stdout) as Record<string, unknown>;
}
