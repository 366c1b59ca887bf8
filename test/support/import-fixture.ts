import { join } from 'node:path';
import type { FileReading, InputFile } from '../../src/platform/imports/import-report.js';
import { projectRoot } from '../../src/platform/project-root.js';

/** A file of test/fixtures/import, by its path below it. */
export function importFixture(path: string): InputFile {
  return { name: path.split('/').at(-1)!, path: join(projectRoot, 'test/fixtures/import', path) };
}

/** Each problem as `row column code`, for tests that say what is wrong and where. */
export function faults(reading: FileReading): string[] {
  return reading.problems.map(({ row, column, code }) => `${row ?? '-'} ${column || '-'} ${code}`);
}
