import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startCity, UNITS, type Caller, type City } from '../support/api-city.js';

const HOSTILE = [
  `<script>alert(1)</script>`,
  `"><img src=x onerror=alert(1)>`,
  `' autofocus onfocus='alert(1)`,
  `{{city}}{{#each this}}{{this}}{{/each}}`,
  `{{{title}}}`,
  `javascript:alert(1)`,
  `</title><h1>x`,
];
/** Markup as it stands only where such a name was taken for some. */
const TAKEN_FOR_MARKUP = /<script|<img src=x|<h1>x|=''|href="javascript:/i;
const DATA_ELEMENT = /<script type="application\/json" id="data">[^<]*<\/script>/;
const MAX_PAGES = 120;

let city: City;
let hr: Caller;

beforeAll(async () => {
  city = await startCity();
  hr = await city.caller('hr');
  const csv = (rows: string[][]) =>
    rows.map((row) => row.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',')).join('\r\n');
  const units = csv([
    ...UNITS.split('\r\n').map((line) => line.split(',')),
    ...HOSTILE.map((name, n) => [`3${n}`, name, '00', '課']),
  ]);
  const staff = csv([
    ['職員番号', '氏名', '所属コード'],
    ...HOSTILE.map((name, n) => [`000090${n}`, name, `3${n}`]),
    ...Array.from({ length: 12 }, (_, n) => [String(n + 1).padStart(7, '0'), `見本 ${n + 1}号`, '11']),
    ...Array.from({ length: 14 }, (_, n) => [String(n + 101).padStart(7, '0'), `見本 ${n + 101}号`, '21']),
  ]);
  const preview = await hr.upload(
    '/api/v1/imports/roster',
    { field: 'file', content: staff, fileName: '<b>meibo.csv' },
    { field: 'units', content: units, fileName: '{{units}}.csv' },
    { field: 'asOf', content: '2022-10-02' },
  );
  const applied = await hr.post(`/api/v1/imports/${preview.json.id}/apply`);
  if (applied.status !== 200) throw new Error(preview.text + applied.text);
});
afterAll(() => city?.close());

const unescaped = (html: string) =>
  html
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#x27;', "'")
    .replaceAll('&#x3D;', '=')
    .replaceAll('&#x60;', '`')
    .replaceAll('&amp;', '&');

test('on every page that can be reached, names of people, units and files are text', async () => {
  const open = [
    '/',
    '/units',
    '/imports',
    '/reports',
    '/waves',
    '/audit',
    '/staff/0000900',
    '/staff/0000901',
  ];
  const seen = new Set<string>();
  let shown = '';
  for (let url = open.shift(); url !== undefined && seen.size < MAX_PAGES; url = open.shift()) {
    if (seen.has(url)) continue;
    seen.add(url);
    const { status, text, headers } = await hr.get(url);
    expect([url, status]).toEqual([url, expect.any(Number)]);
    expect(status).toBeLessThan(500);
    if (!String(headers['content-type']).startsWith('text/html')) continue;
    // The file for disclosure carries its data, as one element that runs nothing.
    const markup = TAKEN_FOR_MARKUP.exec(text.replace(DATA_ELEMENT, ''))?.[0];
    expect([url, markup]).toEqual([url, undefined]);
    shown += unescaped(text);
    for (const [, href] of text.matchAll(/href="(\/[^"]*)"/g)) {
      const next = unescaped(href!).split('#')[0]!;
      if (!next.startsWith('/assets/')) open.push(next);
    }
  }
  expect(seen.size).toBeGreaterThan(25);
  const hidden = [...HOSTILE, '<b>meibo.csv', '{{units}}.csv'].filter((name) => !shown.includes(name));
  expect(hidden).toEqual([]);
});
