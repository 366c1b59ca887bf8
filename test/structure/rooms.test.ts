import { expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { projectRoot } from '../../src/platform/project-root.js';

test('every room imports only what lies below it', () => {
  const program = join(projectRoot, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [program, '--output-type', 'err', 'src', 'migrations'],
    { cwd: projectRoot, encoding: 'utf8' },
  );
  expect(`${stdout}${stderr}`).toContain('no dependency violations found');
  expect(status).toBe(0);
});
