import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

const SECRET = '123456789018';

let database: TestDatabase;
let folder: string;

beforeAll(async () => {
  database = await createTestDatabase();
  folder = mkdtempSync(join(tmpdir(), 'tracker-crash-'));
});
afterAll(async () => {
  await database?.drop();
  rmSync(folder, { recursive: true });
});

test.each(['throw', 'reject'])(
  'an error that nobody caught (%s) ends the program, and tells nothing of the row it was about',
  async (how) => {
    const script = join(import.meta.dirname, '../support/crash.mjs');
    // However the operator has set up Node.
    const flags = ['--report-uncaught-exception', '--report-on-fatalerror', `--report-directory=${folder}`];
    const child = spawn(process.execPath, [...flags, script, how, database.url, SECRET], { cwd: folder });
    let said = '';
    child.stdout.on('data', (chunk) => (said += chunk));
    child.stderr.on('data', (chunk) => (said += chunk));
    const [code] = (await once(child, 'close')) as [number];
    expect(code).toBe(1);
    expect(said).toContain('nobody caught');
    expect(said).not.toContain(SECRET);
    expect(readdirSync(folder)).toEqual([]);
  },
);
