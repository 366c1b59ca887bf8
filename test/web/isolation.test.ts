import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startCity, type Caller, type City } from '../support/api-city.js';

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
});
afterAll(() => city?.close());

const OWN = [
  '/',
  '/units',
  '/units/11',
  '/units/11?asOf=2022-10-31',
  '/units/11?status=held',
  '/units/11?q=%E8%A6%8B%E6%9C%AC',
  '/units/11/children.csv',
  '/units/11/children.csv?asOf=2022-10-31',
  '/api/v1/staff',
  '/api/v1/staff?unit=11&status=held',
  '/api/v1/staff?status=lapsed',
  '/api/v1/staff?status=held',
  '/api/v1/staff?q=0000101',
  '/api/v1/staff?q=%E8%A6%8B%E6%9C%AC',
  '/api/v1/exceptions',
  '/api/v1/units/11/adoption',
  '/api/v1/units/11/children',
  '/api/v1/units/11/remaining',
  '/api/v1/units/11/trend?from=2022-04&to=2022-11',
  '/reports',
  '/reports/2022-10.csv',
  '/api/v1/reports/2022-10.json',
  '/imports',
  '/waves',
];
/** What is of section 21, and the same for a section and a person that nobody has heard of. */
const FOREIGN: [string, string][] = [
  ['/units/21', '/units/99'],
  ['/units/21?status=held&q=a', '/units/99?status=held&q=a'],
  ['/units/21/children.csv', '/units/99/children.csv'],
  ['/api/v1/staff?unit=21', '/api/v1/staff?unit=99'],
  ['/api/v1/units/21/adoption', '/api/v1/units/99/adoption'],
  ['/api/v1/units/21/adoption?asOf=2022-10-31', '/api/v1/units/99/adoption?asOf=2022-10-31'],
  ['/api/v1/units/20/children', '/api/v1/units/99/children'],
  ['/api/v1/units/00/remaining', '/api/v1/units/99/remaining'],
  ['/api/v1/units/21/trend?from=2022-04&to=2022-11', '/api/v1/units/99/trend?from=2022-04&to=2022-11'],
];
const FOREIGN_POSTS: [string, string, object][] = [
  ['/api/v1/staff/0000101/card-events', '/api/v1/staff/0000999/card-events', { status: 'held' }],
];

/** An answer without what differs from request to request: references of errors, and the code that was asked for. */
async function answer(caller: Caller, url: string, method = 'GET', body?: object): Promise<string> {
  const { status, headers, text } = await caller.send(method, url, body);
  const plain = text
    .replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'reference')
    .replace(/「(21|20|00|99)」/g, '「asked」')
    .replace(/(\/units\/)(21|99)/g, '$1asked');
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

  test.each(['hr', 'manager', 'leader', 'auditor'] as const)(
    'what is not in the scope of %s answers like what does not exist',
    async (role) => {
      const caller = await city.caller(role, '11');
      for (const [foreign, unknown] of FOREIGN)
        expect(await answer(caller, foreign)).toBe(await answer(caller, unknown));
      for (const [foreign, unknown, body] of FOREIGN_POSTS)
        expect(await answer(caller, foreign, 'POST', body)).toBe(await answer(caller, unknown, 'POST', body));
    },
  );

  test('an exception of the other section is decided by nobody of this one', async () => {
    const { json } = await hrOfAll.post('/api/v1/exceptions', {
      number: '0000111',
      category: 'other',
      from: '2022-10-01',
      to: '2022-12-31',
    });
    const hr = await city.caller('hr', '11');
    const foreign = await answer(hr, `/api/v1/exceptions/${json.id}/approve`, 'POST', {});
    expect(foreign).toBe(await answer(hr, '/api/v1/exceptions/99999/approve', 'POST', {}));
  });
});
