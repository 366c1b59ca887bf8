import { describe, expect, test } from '@jest/globals';
import { filesBelow, linesMatching } from './source-files.js';

const sources = filesBelow(['src', 'migrations'], /\.ts$/);
const except = (...paths: string[]) => sources.filter(({ path }) => !paths.includes(path));

/** What a file is, by the end of its name; a plain noun is code without a framework. */
const KINDS = [
  'commands',
  'controller',
  'decorator',
  'dto',
  'entities',
  'entity',
  'filter',
  'guard',
  'module',
  'query',
  'service',
  'setup',
  'types',
  'view',
  'worker',
];

describe('what is read in one place only', () => {
  test('the environment', () => {
    expect(linesMatching(except('src/platform/config.ts'), /\bprocess\.env\b/)).toEqual([]);
  });

  test('the time', () => {
    const clock = /\bnew Date\(\)|\bDate\.now\(|\bDateTime\.(now|local|utc)\(\)/;
    expect(linesMatching(except('src/platform/clock.ts'), clock)).toEqual([]);
  });

  test('the time, which the database is not asked for either', () => {
    const sql =
      /(?<![.\w])(now|clock_timestamp|statement_timestamp)\(\)(?!:)|\bcurrent_(date|time|timestamp)\b/i;
    // Signs of life, attempts and allowances are timed by the machines' common clock, which no trial fixes.
    const machines = ['delivery-queue', 'delivery-worker', 'mail-budget'];
    const business = except(...machines.map((name) => `src/reminders/${name}.query.ts`));
    expect(linesMatching(business, sql)).toEqual([]);
  });
});

describe('files', () => {
  test.each(sources)('$path is named noun.kind.ts or plain noun.ts', ({ path }) => {
    const [noun, ...kinds] = path.split('/').at(-1)!.replace(/\.ts$/, '').split('.');
    expect(noun).toMatch(/^([a-z][a-z0-9]*|\d{4})(-[a-z0-9]+)*$/);
    expect(noun).not.toMatch(/^(utils?|helpers?|common|misc|shared)$/);
    expect(kinds.length).toBeLessThanOrEqual(1);
    for (const kind of kinds) expect(KINDS).toContain(kind);
  });

  test('carry the kind of what they declare', () => {
    const kindOf: Record<string, RegExp> = {
      Controller: /\.controller\.ts$/,
      Entity: /\.entity\.ts$/,
      Module: /\.module\.ts$/,
      Catch: /\.filter\.ts$/,
      Injectable: /\.(service|guard)\.ts$/,
    };
    const misnamed = sources.flatMap(({ path, text }) =>
      [...text.matchAll(/^@(\w+)\(/gm)].flatMap(([, name]) =>
        (kindOf[name!] ?? /./).test(path) ? [] : `${path} holds an @${name}`,
      ),
    );
    expect(misnamed).toEqual([]);
  });

  test('stay short enough to be read at once', () => {
    const tooLong = sources.flatMap(({ path, text }) => {
      const lines = text.split('\n').length;
      // A frozen migration only ever gets older.
      return lines > 300 && !path.startsWith('migrations/') ? [`${path}: ${lines} lines`] : [];
    });
    expect(tooLong).toEqual([]);
  });

  test('do not gather others under one name', () => {
    // migrations/index.ts is the explicit list of what runs, not a barrel.
    const barrels = except('migrations/index.ts').filter(
      ({ path, text }) => path.endsWith('/index.ts') || /^export \* from/m.test(text),
    );
    expect(barrels).toEqual([]);
  });
});

describe('templates', () => {
  const templates = filesBelow(['templates'], /\.hbs$/);
  const markup = templates.map(({ text }) => text).join('\n');
  const code = sources.map(({ text }) => text).join('\n');

  test.each(templates)('$path is used', ({ path }) => {
    const [, room, ...rest] = path.split('/');
    const name = rest.join('/').replace(/\.hbs$/, '');
    if (room === 'partials') expect(markup).toMatch(new RegExp(`\\{\\{#?>\\s*${name}[\\s}]`));
    // A message is a folder with a subject and two bodies; its folder is what the code names.
    else
      expect(code).toMatch(
        new RegExp(`['"\`](pages/|layouts/)?${room === 'messages' ? rest[0] : name}['"\`/]`),
      );
  });
});
