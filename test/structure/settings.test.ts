import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { readConfig } from '../../src/platform/config.js';
import { projectRoot } from '../../src/platform/project-root.js';

const text = (name: string) => readFileSync(join(projectRoot, name), 'utf8');

const asked = new Set<string>();
readConfig(new Proxy({}, { get: (_, name) => void asked.add(String(name)) }));
const variables = [...asked].toSorted();
/** Set by the image and by the compose file itself, or never where real people are. */
const NOT_PASSED_ON = ['DATABASE_REPLICA_URLS', 'DATA_DIR', 'HOST', 'NODE_ENV', 'NOW', 'PORT'];

describe('every environment variable that the program reads', () => {
  test('is known to this test', () => {
    expect(variables.length).toBeGreaterThan(15);
    expect(variables).toEqual(
      expect.arrayContaining(['DATABASE_URL', 'OIDC_STAFF_NUMBER_CLAIM', 'TRUST_PROXY']),
    );
  });

  test.each(variables)('%s stands in .env.example and in the README', (name) => {
    expect(text('.env.example')).toMatch(new RegExp(`^#?${name}=`, 'm'));
    expect(text('README.md')).toContain(`\`${name}`);
  });

  test.each(variables.filter((name) => !NOT_PASSED_ON.includes(name)))(
    '%s reaches the program in its container',
    (name) => {
      expect(text('docker-compose.yml')).toMatch(new RegExp(`^      ${name}: `, 'm'));
    },
  );

  test('and no other stands in .env.example', () => {
    const named = [...text('.env.example').matchAll(/^#?([A-Z_]+)=/gm)].map(([, name]) => name!);
    expect(named.toSorted()).toEqual(variables);
  });
});
