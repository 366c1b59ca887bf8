import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { UploadStore } from '../../../src/platform/imports/upload-store.js';

const NOW = new Date('2022-11-10T09:00:00+09:00');
const MINUTE = 60_000;

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'tracker-uploads-'));
});
afterEach(() => rmSync(dataDir, { recursive: true }));

/** As a killed process has left it, `minutes` ago. */
function leftBehind(pid: number, minutes: number): void {
  const folder = join(dataDir, 'imports', `incoming-${pid}-instance-id`);
  mkdirSync(folder, { recursive: true });
  const then = new Date(NOW.getTime() - minutes * MINUTE);
  utimesSync(folder, then, then);
}

const left = () => readdirSync(join(dataDir, 'imports'));

test('what a process that is gone was receiving is removed, also when its number now belongs to another program', async () => {
  leftBehind(0x3f_ff_ff, 1);
  leftBehind(process.ppid, 120);
  await new UploadStore(dataDir).sweep(NOW, async () => new Set());
  expect(left()).toEqual([]);
});

test('what another program of ours is receiving is left alone', async () => {
  leftBehind(process.ppid, 5);
  const store = new UploadStore(dataDir);
  const own = await store.receive('meibo.csv', Readable.from(['a,b']));
  await store.sweep(NOW, async () => new Set());
  expect(left()).toHaveLength(2);
  expect(existsSync(own.path)).toBe(true);
});
