import { describe, expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../../src/platform/project-root.js';
import { createTemplateEngine } from '../../../src/platform/templates/template-engine.js';
import { TEMPLATE_HELPERS } from '../../../src/web/template-helpers.js';

const folder = join(projectRoot, 'templates');
const files = ['pages', 'layouts', 'partials'].flatMap((part) =>
  readdirSync(join(folder, part))
    .filter((name) => name.endsWith('.hbs'))
    .map((name) => ({ name: `${part}/${name}`, source: readFileSync(join(folder, part, name), 'utf8') })),
);

describe('page templates', () => {
  test('all of them can be parsed', () => {
    for (const part of ['pages', 'layouts']) {
      createTemplateEngine({
        root: join(folder, part),
        partialsDir: join(folder, 'partials'),
        helpers: TEMPLATE_HELPERS,
      });
    }
    expect(files.length).toBeGreaterThan(15);
  });

  test.each(files)(
    '$name has neither script nor inline style: a strict content security policy holds',
    ({ source }) => {
      expect(source).not.toMatch(/<script|<style|\sstyle=|\son[a-z]+=|javascript:/i);
    },
  );

  test.each(files)(
    '$name sends the token of the session with every form that changes something',
    ({ name, source }) => {
      const forms = source.match(/<form[^>]*method="post"[\s\S]*?<\/form>/g) ?? [];
      // Signing in comes before there is a session, and behind the link of a message there is none: the link is the secret.
      const sessionless = (form: string) =>
        form.includes('action="/sign-in"') || name.startsWith('pages/answer');
      for (const form of forms) if (!sessionless(form)) expect(form).toContain('{{> csrf}}');
    },
  );

  test.each(files)('$name writes raw markup only where the program has made it', ({ source }) => {
    const raw = [...source.matchAll(/\{\{\{\s*([^}]+?)\s*\}\}\}/g)].map((match) => match[1]);
    for (const name of raw) expect(name).toMatch(/^(content|\w+Svg)$/);
    expect(source).not.toContain('{{&');
  });

  test.each(files)('$name presses nobody', ({ source }) => {
    expect(source).not.toMatch(/義務|必ず|未達|ワースト|人事評価/);
  });
});
