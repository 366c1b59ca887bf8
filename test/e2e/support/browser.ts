import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium, type Browser, type BrowserContext, type Locator, type Page } from 'playwright-core';

export interface Service {
  readonly url: string;
  readonly signIns: Readonly<Record<string, string>>;
}

/** The demo of 10 November 2022: only to look at. */
export const november = service('november');
/** The same city on 5 December 2022: here tests import, send and close. */
export const december = service('december') as Service & { readonly dataDir: string };

function service(name: 'november' | 'december'): Service {
  return (JSON.parse(process.env.E2E_SERVICES!) as Record<typeof name, Service>)[name];
}

/** Whoever opens pages of one service. What pages complain about in the console is kept. */
export interface Visitor {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly complaints: readonly string[];
  /** Opens a path of the service. */
  open(path: string): Promise<void>;
  signIn(account: string, password: string): Promise<void>;
  /** Clicks what leads to another page, and waits for that page. */
  follow(link: Locator): Promise<void>;
  /** The text of the main part, spaces made one. */
  text(): Promise<string>;
  heading(): Promise<string>;
}

export interface VisitOptions {
  readonly width?: number;
}

/** CHROMIUM_PATH, else the first of the usual names that the system finds. */
const CHROMIUM =
  process.env.CHROMIUM_PATH ??
  ['chromium', 'chromium-browser', 'google-chrome']
    .flatMap((name) => (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, name)))
    .find((path) => existsSync(path)) ??
  '/usr/bin/chromium';
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

let browser: Promise<Browser> | undefined;
let scripted: Promise<Page> | undefined;

/** One browser for the tests of a file; `closeBrowser` after them. */
async function launched(): Promise<Browser> {
  if (!existsSync(CHROMIUM)) {
    throw new Error(`No browser at ${CHROMIUM}: install chromium, or name another one in CHROMIUM_PATH`);
  }
  return (browser ??= chromium.launch({
    executablePath: CHROMIUM,
    args: FLAGS,
    env: { ...process.env, LANGUAGE: 'ja' },
  }));
}

/** The one page of the same browser in which scripts run: axe-core is one. */
export async function scriptedPage(): Promise<Page> {
  return (scripted ??= (await (await launched()).newContext({ locale: 'ja-JP' })).newPage());
}

export async function closeBrowser(): Promise<void> {
  await (await browser)?.close();
  browser = undefined;
  scripted = undefined;
}

export async function visit(service: Pick<Service, 'url'>, options: VisitOptions = {}): Promise<Visitor> {
  const context = await (
    await launched()
  ).newContext({
    viewport: { width: options.width ?? 1440, height: 900 },
    // Every page works without, so every test does.
    javaScriptEnabled: false,
    locale: 'ja-JP',
    timezoneId: 'Asia/Tokyo',
    baseURL: service.url,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const complaints: string[] = [];
  page.on('console', (message) => {
    // The browser itself reports every answer of 400 and more; tests open such pages on purpose.
    if (
      ['error', 'warning'].includes(message.type()) &&
      !/the server responded with a status of 4\d\d/.test(message.text())
    )
      complaints.push(`${page.url()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(`${page.url()}: ${error.message}`));
  page.on('requestfailed', (request) => {
    // A download ends the navigation that asked for it.
    if (request.failure()?.errorText !== 'net::ERR_ABORTED')
      complaints.push(`${request.url()}: ${request.failure()?.errorText}`);
  });
  const follow = async (link: Locator) => {
    await Promise.all([page.waitForEvent('load'), link.click()]);
  };
  return {
    page,
    context,
    complaints,
    follow,
    open: async (path) => void (await page.goto(path)),
    signIn: async (account, password) => {
      await page.goto('/sign-in');
      await page.getByLabel('アカウント名').fill(account);
      await page.getByLabel('パスワード').fill(password);
      await follow(page.getByRole('button', { name: 'ログインする' }));
    },
    text: async () => (await page.locator('main').innerText()).replace(/\s+/g, ' '),
    heading: async () => page.getByRole('heading', { level: 1 }).innerText(),
  };
}

/** Somebody who has signed in with one of the demo's accounts. */
export async function visitAs(service: Service, account: string, options?: VisitOptions): Promise<Visitor> {
  const visitor = await visit(service, options);
  await visitor.signIn(account, service.signIns[account]!);
  return visitor;
}
