import { describe, expect, test } from '@jest/globals';
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTemplateEngine } from '../../../src/platform/templates/template-engine.js';

function engineFor(files: Record<string, string>, helpers = {}) {
  const root = mkdtempSync(join(tmpdir(), 'templates-'));
  mkdirSync(join(root, 'partials'));
  mkdirSync(join(root, 'pages'));
  for (const [name, source] of Object.entries(files)) writeFileSync(join(root, name), source);
  try {
    return createTemplateEngine({ root: join(root, 'pages'), partialsDir: join(root, 'partials'), helpers });
  } finally {
    rmSync(root, { recursive: true });
  }
}

describe('templates', () => {
  test('text from people is shown, never read as markup', () => {
    const engine = engineFor({ 'pages/a.hbs': '<p>{{name}}</p>' });
    expect(engine.render('a', { name: '<script>alert(1)</script>' })).toBe(
      '<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>',
    );
  });

  test('a name the data does not have is an error, not an empty place', () => {
    const engine = engineFor({ 'pages/a.hbs': '{{nmae}}' });
    expect(() => engine.render('a', { name: '見本 花子' })).toThrow(/nmae/);
  });

  test('a helper nobody registered is refused', () => {
    const engine = engineFor({ 'pages/a.hbs': '{{shout name}}' });
    expect(() => engine.render('a', { name: 'x' })).toThrow(/shout/);
  });

  test('a template that cannot be parsed stops the start', () => {
    expect(() => engineFor({ 'pages/a.hbs': '{{#if x}}' })).toThrow();
  });

  test('two engines share neither helpers nor partials', () => {
    const first = engineFor(
      { 'pages/a.hbs': '{{double n}} {{> foot}}', 'partials/foot.hbs': '終わり' },
      { double: (n: number) => n * 2 },
    );
    const second = engineFor({ 'pages/a.hbs': '{{> foot}}' });
    expect(first.render('a', { n: 4 })).toBe('8 終わり');
    expect(() => second.render('a', { n: 4 })).toThrow(/foot/);
  });
});
