import { basename, join } from 'node:path';
import { expect } from '@jest/globals';
import axe from 'axe-core';
import { scriptedPage, type Visitor } from './browser.js';

const WIDTHS = [1440, 375];
/** A folder for a picture of every page and state that is looked at, to look at them oneself. */
const PICTURES = process.env.E2E_PICTURES;
let pictures = 0;

/** These run in the page, as text: the compiler knows no browser here. */
const MEASURES = `({
  wider: document.documentElement.scrollWidth - document.documentElement.clientWidth,
  mainHeadings: document.querySelectorAll('h1').length,
})`;
const FINDINGS = `axe
  .run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'], resultTypes: ['violations'] })
  .then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes[0].html + ' (' + nodes.length + ')'))`;

/**
 * What holds for every page in every state, on a desk and on a phone: no finding of axe-core (WCAG 2.1 AA), nothing to
 * scroll sideways, exactly one main heading, and no complaint of the browser, such as about the content security policy.
 */
export async function expectSound(visitor: Visitor): Promise<void> {
  const { page } = visitor;
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 900 });
    const where = `${page.url()} at ${width} px`;
    const { wider, mainHeadings } = await page.evaluate<{ wider: number; mainHeadings: number }>(MEASURES);
    if (PICTURES) await page.screenshot({ path: pictureOf(page.url(), width), fullPage: true });
    expect({ where, wider, mainHeadings }).toEqual({ where, wider: 0, mainHeadings: 1 });
  }
  await page.setViewportSize({ width: WIDTHS[0]!, height: 900 });
  await expectNoFindings(page.url(), await page.content());
  expect(visitor.complaints).toEqual([]);
}

function pictureOf(url: string, width: number): string {
  if (width === WIDTHS[0]) pictures += 1;
  const name = new URL(url).pathname.replaceAll('/', '-').slice(1) || 'start';
  const test = basename(expect.getState().testPath ?? '', '.test.ts');
  return join(PICTURES!, `${test}-${String(pictures).padStart(2, '0')}-${name}-${width}.png`);
}

/** The visitor's browser runs no scripts, so a copy of the page is looked at: same address, markup and styles. */
async function expectNoFindings(url: string, html: string): Promise<void> {
  const copy = await scriptedPage();
  try {
    await copy.route(url, (route) => route.fulfill({ contentType: 'text/html; charset=utf-8', body: html }));
    await copy.goto(url);
    await copy.evaluate(axe.source);
    for (const width of WIDTHS) {
      await copy.setViewportSize({ width, height: 900 });
      const findings = await copy.evaluate<string[]>(FINDINGS);
      const where = `${url} at ${width} px`;
      expect({ where, findings }).toEqual({ where, findings: [] });
    }
  } finally {
    await copy.unroute(url);
  }
}
