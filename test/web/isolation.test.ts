import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startCity, type Caller, type City } from '../support/api-city.js';
import { statementsOf } from '../support/statements.js';

/**
 * Two sections side by side, 11 and 21: whatever happens to the people of 21 changes no byte of what those of 11 get,
 * and nothing they ask tells whether something of 21 exists. The one figure both may know is the rate of the whole,
 * which therefore stays as it is: for one person of 21 who gets a card another one's lapses.
 */
let city: City;
let hrOfAll: Caller;

beforeAll(async () => {
  city = await startCity();
  hrOfAll = await city.caller('hr');
  await fillSection21();
});
afterAll(() => city?.close());

const OWN = [
  '/',
  '/units',
  '/units/11',
  '/units/11?asOf=2022-10-31',
  '/units/11?status=held',
  '/units/11?q=%E8%A6%8B%E6%9C%AC',
  '/units/11?tree=now',
  '/units/11/changes',
  '/units/11/children.csv',
  '/units/11/children.csv?asOf=2022-10-31',
  '/api/v1/staff',
  '/api/v1/staff?unit=11&status=held',
  '/api/v1/staff?status=lapsed',
  '/api/v1/staff?status=held',
  '/api/v1/staff?q=0000101',
  '/api/v1/staff?q=%E8%A6%8B%E6%9C%AC',
  '/api/v1/exceptions',
  '/exceptions',
  '/account/exceptions',
  '/api/v1/units/11/adoption',
  '/api/v1/units/11/children',
  '/api/v1/units/11/children?tree=now',
  '/api/v1/units/11/changes?from=2022-10-01&to=2022-10-31',
  '/api/v1/units/11/remaining',
  '/api/v1/units/11/trend?from=2022-04&to=2022-11',
  '/reports',
  '/reports/2022-10.csv',
  '/reports/2022-10/restatement',
  '/api/v1/reports/2022-10.json',
  '/api/v1/months/2022-10/restatement',
  '/imports',
  '/waves',
];
/** What is of section 21, and the same for a section, a person or a number that nobody has heard of. */
const FOREIGN: [string, string][] = [
  ['/', '/'],
  ['/?asOf=2022-10-31', '/?asOf=2022-10-31'],
  ['/units/21', '/units/99'],
  ['/units/21?asOf=2022-10-31', '/units/99?asOf=2022-10-31'],
  ['/units/20', '/units/99'],
  ['/units/00', '/units/99'],
  ['/staff/0000101', '/staff/0000999'],
  ['/staff/0000101/disclosure.html', '/staff/0000999/disclosure.html'],
  ['/imports/1', '/imports/999'],
  ['/waves/1', '/waves/999'],
  ['/waves/1/deliveries/1', '/waves/999/deliveries/999'],
  ['/waves/1/deliveries/1/message.html', '/waves/999/deliveries/999/message.html'],
  ['/api/v1/waves/1', '/api/v1/waves/999'],
  ['/settings/templates/manager-monthly', '/settings/templates/none'],
  ['/settings/templates/manager-monthly/preview', '/settings/templates/none/preview'],
  ['/api/v1/templates/manager-monthly', '/api/v1/templates/none'],
  ['/api/v1/waves/1/deliveries', '/api/v1/waves/999/deliveries'],
  ['/reports/2022-10.pdf', '/reports/2022-01.pdf'],
  ['/api/v1/reports/2022-10.xlsx', '/api/v1/reports/2022-01.xlsx'],
  ['/audit?target=staff:13', '/audit?target=staff:999'],
  ['/api/v1/staff?q=0000101', '/api/v1/staff?q=0000999'],
  ['/units/21?status=held&q=a', '/units/99?status=held&q=a'],
  ['/units/21/children.csv', '/units/99/children.csv'],
  ['/api/v1/staff?unit=21', '/api/v1/staff?unit=99'],
  ['/api/v1/units/21/adoption', '/api/v1/units/99/adoption'],
  ['/api/v1/units/21/adoption?asOf=2022-10-31', '/api/v1/units/99/adoption?asOf=2022-10-31'],
  ['/api/v1/units/20/children', '/api/v1/units/99/children'],
  ['/api/v1/units/00/remaining', '/api/v1/units/99/remaining'],
  ['/api/v1/units/21/trend?from=2022-04&to=2022-11', '/api/v1/units/99/trend?from=2022-04&to=2022-11'],
];
const EXCEPTION = { category: 'other', from: '2022-10-01', to: '2022-12-31' };
const FOREIGN_POSTS: [string, string, object, object?][] = [
  ['/api/v1/staff/0000101/card-events', '/api/v1/staff/0000999/card-events', { status: 'held' }],
  ['/staff/0000101/card-events', '/staff/0000999/card-events', { status: 'held' }],
  [
    '/api/v1/exceptions',
    '/api/v1/exceptions',
    { ...EXCEPTION, number: '0000101' },
    { ...EXCEPTION, number: '0000999' },
  ],
  ['/api/v1/exceptions/1/approve', '/api/v1/exceptions/99999/approve', {}],
  ['/api/v1/exceptions/1/reject', '/api/v1/exceptions/99999/reject', {}],
  ['/api/v1/exceptions/1/appeal', '/api/v1/exceptions/99999/appeal', {}],
  ['/exceptions/1/approve', '/exceptions/99999/approve', {}],
  ['/account/exceptions/1/withdraw', '/account/exceptions/99999/withdraw', {}],
  ['/account/exceptions/1/appeal', '/account/exceptions/99999/appeal', {}],
  [
    '/api/v1/templates/manager-monthly/preview',
    '/api/v1/templates/manager-monthly/preview',
    { unit: '21' },
    { unit: '99' },
  ],
  ['/imports/1/apply', '/imports/999/apply', {}],
  ['/api/v1/imports/1/apply', '/api/v1/imports/999/apply', {}],
  ['/imports/1/withdraw', '/imports/999/withdraw', {}],
  ['/api/v1/imports/1/withdraw', '/api/v1/imports/999/withdraw', {}],
];
/** Exception 1, wave 1, import 1 and the report of October are there. */
async function fillSection21(): Promise<void> {
  for (const [url, body] of [
    ['/api/v1/exceptions', { ...EXCEPTION, number: '0000111' }],
    ['/api/v1/policies/manager-monthly/waves', {}],
    ['/api/v1/months/2022-10/close', {}],
  ] as const) {
    const { status, text } = await hrOfAll.post(url, body);
    if (status >= 300) throw new Error(text);
  }
}

/** An answer without what differs from request to request: references of errors, and the code that was asked for. */
async function answer(caller: Caller, url: string, method = 'GET', body?: object): Promise<string> {
  const { status, headers, text } = await caller.send(method, url, body);
  const plain = text
    .replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'reference')
    .replace(/「(21|20|00|99)」/g, '「asked」')
    .replace(/(\/units\/)(21|20|00|99)\b/g, '$1asked')
    .replace(/(?<!見本 )0000(101|999)/g, 'asked');
  return `${status} ${String(headers['content-type'])} ${String(headers.location ?? '')} ${plain}`;
}

async function changeSection21(): Promise<void> {
  const changes: [string, object][] = [
    ['/api/v1/staff/0000101/card-events', { status: 'lapsed', on: '2022-10-20' }],
    ['/api/v1/staff/0000114/card-events', { status: 'held', on: '2022-10-20' }],
    ['/api/v1/staff/0000113/card-events', { status: 'undisclosed', on: '2022-10-20' }],
    ['/api/v1/exceptions', { number: '0000112', category: 'other', from: '2022-10-01', to: '2022-12-31' }],
  ];
  for (const [url, body] of changes) {
    const { status, text } = await hrOfAll.post(url, body);
    if (status !== 201) throw new Error(text);
  }
}

describe('two sections side by side', () => {
  test('nothing that is asked for in one of them shows what happens in the other', async () => {
    const callers = {
      hr: await city.caller('hr', '11'),
      manager: await city.caller('manager', '11'),
      leader: await city.caller('leader', '11'),
      auditor: await city.caller('auditor', '11'),
    };
    const ask = async () => {
      const answers: Record<string, string> = {};
      for (const [who, caller] of Object.entries(callers))
        for (const url of OWN) answers[`${who} ${url}`] = await answer(caller, url);
      return answers;
    };
    const before = await ask();
    await changeSection21();
    expect(await ask()).toEqual(before);
    for (const [question, text] of Object.entries(before)) {
      expect([question, /市民課|市民局|00001\d\d|見本 1\d\d号/.exec(text.slice(4))?.[0]]).toEqual([
        question,
        // A search repeats what was searched for.
        undefined,
      ]);
    }
  });

  const ROLES = ['hr', 'manager', 'leader', 'auditor'] as const;

  // The statements say what the time could tell: where the very same is asked, no answer takes longer than the other.
  test.each(ROLES)(
    'what is not in the scope of %s answers like what does not exist, and the database is asked the very same',
    async (role) => {
      const caller = await city.caller(role, '11');
      const ask = async (url: string, method = 'GET', body?: object) => {
        let text = '';
        const statements = await statementsOf(city.app, async () => {
          text = await answer(caller, url, method, body);
        });
        return { text, statements };
      };
      for (const [foreign, unknown] of FOREIGN)
        expect([foreign, await ask(foreign)]).toEqual([foreign, await ask(unknown)]);
      for (const [foreign, unknown, body, otherBody = body] of FOREIGN_POSTS)
        expect([foreign, await ask(foreign, 'POST', body)]).toEqual([
          foreign,
          await ask(unknown, 'POST', otherBody),
        ]);
      // The session, at least, and for what one may see far more.
      expect((await ask('/units/21')).statements.length).toBeGreaterThan(0);
      if (role === 'hr') expect((await ask('/staff/0000001')).statements.length).toBeGreaterThan(5);
    },
  );

  test('the number of statements does not grow with what others have', async () => {
    const hr = await city.caller('hr', '11');
    const ask = () => statementsOf(city.app, () => hr.get('/api/v1/exceptions'));
    const before = await ask();
    for (const number of ['0000103', '0000104', '0000105'])
      expect((await hrOfAll.post('/api/v1/exceptions', { ...EXCEPTION, number })).status).toBe(201);
    expect(await ask()).toEqual(before);
    expect((await hr.get('/api/v1/exceptions')).json.exceptions).toEqual([]);
  });

  test('measured, for the record: how long a foreign person and an unknown one take', async () => {
    const hr = await city.caller('hr', '11');
    const times: Record<'foreign' | 'unknown', number[]> = { foreign: [], unknown: [] };
    const pairs = { foreign: '/staff/0000101', unknown: '/staff/0000999' };
    for (let round = 0; round < 40; round++) {
      for (const who of round % 2 ? (['foreign', 'unknown'] as const) : (['unknown', 'foreign'] as const)) {
        const start = performance.now();
        await hr.get(pairs[who]);
        times[who].push(performance.now() - start);
      }
    }
    const middle = (values: number[]) => values.toSorted((a, b) => a - b)[values.length / 2]!.toFixed(2);
    // Printed, not judged: a busy machine says more about itself than about the product.
    process.stdout.write(
      `median of 40 answers: foreign ${middle(times.foreign)} ms, unknown ${middle(times.unknown)} ms\n`,
    );
  });
});
