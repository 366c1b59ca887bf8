import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startCity, type Answer, type Caller, type City } from '../support/api-city.js';
import { expectProblem } from '../support/problem.js';

const WHO = ['hr', 'manager inside', 'manager outside', 'leader', 'auditor', 'admin', 'nobody'] as const;
type Who = (typeof WHO)[number];

let city: City;
let callers: Record<Who, Caller>;

beforeAll(async () => {
  city = await startCity();
  callers = {
    hr: await city.caller('hr'),
    'manager inside': await city.caller('manager', '11'),
    'manager outside': await city.caller('manager', '21'),
    leader: await city.caller('leader'),
    auditor: await city.caller('auditor'),
    admin: await city.caller('admin'),
    nobody: city.nobody,
  };
});
afterAll(() => city.close());

describe('who gets what', () => {
  test('a manager gets staff, held, rate and remaining: no status, no name, nobody else', async () => {
    const manager = callers['manager inside'];
    const fields = ['held', 'rate', 'remaining', 'staff'];
    const { json: unit } = await manager.get('/api/v1/units/11/adoption?asOf=2022-10-31');
    expect(Object.keys(unit as object).toSorted()).toEqual(
      [
        'asOf',
        'children',
        'citizens',
        'definition',
        'goal',
        ...fields,
        'tree',
        'treeAsOf',
        'unit',
      ].toSorted(),
    );
    expect(unit).toMatchObject({ staff: 12, held: 6, rate: 50, remaining: 6 });
    const { json: trend } = await manager.get('/api/v1/units/11/trend?from=2022-10&to=2022-10');
    expect(Object.keys(trend.points[0] as object).toSorted()).toEqual(
      ['asOf', 'definition', 'month', ...fields].toSorted(),
    );
    const above = await city.caller('manager', '10');
    for (const list of ['children', 'remaining']) {
      const { json, text } = await above.get(`/api/v1/units/10/${list}`);
      expect(json.units).toHaveLength(1);
      expect(Object.keys(json.units[0] as object).toSorted()).toEqual([...fields, 'unit'].toSorted());
      expect(text).not.toContain('見本 ');
    }
  });

  test('leadership and auditors get closed months, and of units only those that are not small', async () => {
    expectProblem(await callers.leader.get('/api/v1/units/00/adoption'), 404, 'nothing_published');
    await callers.hr.post('/api/v1/months/2022-10/close');
    expectProblem(
      await callers.leader.get('/api/v1/units/00/adoption?asOf=2022-10-30'),
      404,
      'day_not_published',
    );
    for (const who of ['leader', 'auditor'] as const) {
      const { json } = await callers[who].get('/api/v1/units/00/adoption?asOf=2022-10-31');
      expect(json).toMatchObject({ staff: 26, held: 13, rate: 50, children: [{ staff: 14 }, { staff: 12 }] });
      expect(
        (await callers[who].get('/api/v1/units/00/trend?from=2022-10&to=2022-10')).json.points,
      ).toMatchObject([{ staff: 26, held: 13 }]);
      expectProblem(await callers[who].get('/api/v1/units/99/adoption'), 404, 'unit_not_published');
    }
    const { json: seen } = await callers.leader.get('/api/v1/units/00/adoption');
    expect(seen).not.toHaveProperty('undisclosed');
  });

  test.each(['adoption', 'children', 'remaining', 'trend?from=2022-10&to=2022-10'])(
    'a unit outside the scope answers like one that does not exist: %s',
    async (question) => {
      const manager = callers['manager outside'];
      const [real, none] = await Promise.all([
        manager.get(`/api/v1/units/11/${question}`),
        manager.get(`/api/v1/units/99/${question}`),
      ]);
      expectProblem(real, 404, 'unit_not_found');
      expect(withoutReference(real).replace('「11」', '「99」')).toBe(withoutReference(none));
    },
  );
});

function withoutReference(answer: Answer): string {
  return JSON.stringify({ ...answer.json, reference: '', status: answer.status });
}

describe('unsafe requests', () => {
  test('need the token of the session, in header or body', async () => {
    const { cookie, csrfToken } = callers.hr;
    const other = await city.caller('hr');
    const send = (headers: Record<string, string>, body: object = {}) =>
      city.nobody.send('POST', '/api/v1/exceptions/999/approve', body, { cookie: cookie!, ...headers });
    expectProblem(await send({}), 403, 'csrf_token_invalid');
    expectProblem(await send({ 'x-csrf-token': 'guess' }), 403, 'csrf_token_invalid');
    expectProblem(await send({ 'x-csrf-token': other.csrfToken! }), 403, 'csrf_token_invalid');
    expectProblem(await send({ 'x-csrf-token': csrfToken! }), 404, 'exception_not_found');
    expectProblem(await send({}, { _csrf: csrfToken }), 404, 'exception_not_found');
    const inQuery = await city.nobody.send(
      'POST',
      `/api/v1/exceptions/999/approve?_csrf=${csrfToken}`,
      {},
      { cookie: cookie! },
    );
    expectProblem(inQuery, 403, 'csrf_token_invalid');
  });

  test('an upload without it is refused before its file is read', async () => {
    const { cookie } = callers.hr;
    const answer = await city.nobody.send('POST', '/api/v1/imports/roster', Buffer.from('--x\r\n'), {
      cookie: cookie!,
      'content-type': 'multipart/form-data; boundary=x',
    });
    expectProblem(answer, 403, 'csrf_token_invalid');
  });

  test('from another site do not sign anybody in', async () => {
    const answer = await city.nobody.send(
      'POST',
      '/api/v1/session',
      { name: 'a', password: 'b' },
      { 'sec-fetch-site': 'cross-site' },
    );
    expectProblem(answer, 403, 'cross_site_request');
  });
});

describe('whatever cannot be understood', () => {
  test.each<[string, () => Promise<Answer>, number, string]>([
    ['an address that is not there', () => callers.hr.get('/api/v1/none'), 404, 'not_found'],
    ['a wrong method', () => callers.hr.send('PUT', '/api/v1/staff', {}), 404, 'not_found'],
    [
      'malformed JSON',
      () =>
        callers.hr.send('POST', '/api/v1/exceptions', '{"number":', { 'content-type': 'application/json' }),
      400,
      'bad_request',
    ],
    [
      'an empty JSON body',
      () => callers.hr.send('POST', '/api/v1/exceptions', '', { 'content-type': 'application/json' }),
      400,
      'bad_request',
    ],
    ['no body at all', () => callers.hr.send('POST', '/api/v1/exceptions'), 400, 'bad_request'],
    [
      'JSON that is no object',
      () => callers.hr.send('POST', '/api/v1/exceptions', '[1]', { 'content-type': 'application/json' }),
      400,
      'bad_request',
    ],
    [
      'JSON null',
      () => callers.hr.send('POST', '/api/v1/exceptions', 'null', { 'content-type': 'application/json' }),
      400,
      'bad_request',
    ],
    [
      'JSON that reaches for prototypes',
      () =>
        callers.hr.send('POST', '/api/v1/exceptions', '{"__proto__":{"a":1}}', {
          'content-type': 'application/json',
        }),
      400,
      'bad_request',
    ],
    [
      'deep nesting',
      () =>
        callers.hr.send('POST', '/api/v1/exceptions', `{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}`, {
          'content-type': 'application/json',
        }),
      400,
      'bad_request',
    ],
    [
      'too much JSON',
      () => callers.hr.post('/api/v1/exceptions', { number: 'x'.repeat(1_100_000) }),
      413,
      'too_large',
    ],
    [
      'a content type we do not read',
      () => callers.hr.send('POST', '/api/v1/exceptions', '<a/>', { 'content-type': 'application/xml' }),
      400,
      'bad_request',
    ],
    [
      'a field nobody asked for',
      () => callers.hr.post('/api/v1/staff/0000012/card-events', { status: 'held', admin: true }),
      400,
      'bad_request',
    ],
    [
      'a status that is none',
      () => callers.hr.post('/api/v1/staff/0000012/card-events', { status: 'yes' }),
      400,
      'bad_request',
    ],
    [
      'a day that does not exist',
      () => callers.hr.get('/api/v1/units/11/adoption?asOf=2022-02-30'),
      400,
      'bad_date',
    ],
    [
      'a day that is none',
      () => callers.hr.get('/api/v1/units/11/adoption?asOf=yesterday'),
      400,
      'bad_request',
    ],
    [
      'a day given twice',
      () => callers.hr.get('/api/v1/units/11/adoption?asOf=2022-10-31&asOf=2022-10-30'),
      400,
      'bad_request',
    ],
    [
      'a month that does not exist',
      () => callers.hr.get('/api/v1/units/11/trend?from=2022-13&to=2022-14'),
      400,
      'bad_month',
    ],
    [
      'months in the wrong order',
      () => callers.hr.get('/api/v1/units/11/trend?from=2022-10&to=2022-09'),
      400,
      'bad_month',
    ],
    ['a limit that is none', () => callers.hr.get('/api/v1/units/11/remaining?limit=0'), 400, 'bad_request'],
    ['an id that is none', () => callers.hr.get('/api/v1/waves/abc'), 400, 'bad_request'],
    [
      'an id beyond all ids',
      () => callers.hr.get('/api/v1/waves/99999999999999999999'),
      404,
      'wave_not_found',
    ],
    ['an id beyond 32 bits', () => callers.hr.get('/api/v1/waves/4294967296999'), 404, 'wave_not_found'],
    [
      'an exception beyond 32 bits',
      () => callers.hr.post('/api/v1/exceptions/4294967296999/approve'),
      404,
      'exception_not_found',
    ],
    [
      'an import beyond 32 bits',
      () => callers.hr.post('/api/v1/imports/4294967296999/apply'),
      404,
      'import_not_found',
    ],
    [
      'a correction of an event beyond 32 bits',
      () => callers.hr.post('/api/v1/staff/0000012/card-events', { status: 'held', corrects: 4294967296999 }),
      404,
      'event_not_found',
    ],
    ['a cursor that is none', () => callers.hr.get('/api/v1/staff?cursor=%25%00x'), 400, 'bad_request'],
    ['a cursor somebody made up', () => callers.hr.get('/api/v1/staff?cursor=bm9uZQ'), 400, 'bad_cursor'],
    ['U+0000 in a path', () => callers.hr.get('/api/v1/units/a%00b/adoption'), 400, 'bad_request'],
    ['U+0000 in a query', () => callers.hr.get('/api/v1/staff?q=a%00b'), 400, 'bad_request'],
    ['U+0000 in JSON', () => callers.hr.post('/api/v1/exceptions', { number: 'a\0b' }), 400, 'bad_request'],
    ['a broken escape in a path', () => callers.hr.get('/api/v1/units/%zz/adoption'), 400, 'bad_request'],
    [
      'half a character',
      () =>
        callers.hr.post('/api/v1/exceptions', {
          number: '\ud800',
          category: 'other',
          from: '2022-10-01',
          to: '2022-10-02',
        }),
      404,
      'staff_not_found',
    ],
    [
      'a name longer than any',
      () => callers.hr.get(`/api/v1/units/${'x'.repeat(2000)}/adoption`),
      400,
      'bad_request',
    ],
    [
      'a period that ends before it begins',
      () =>
        callers.hr.post('/api/v1/exceptions', {
          number: '0000012',
          category: 'other',
          from: '2022-10-02',
          to: '2022-10-01',
        }),
      422,
      'bad_period',
    ],
    ['a day in a thousand years', () => callers.hr.get('/api/v1/units/11/adoption?asOf=9999-12-31'), 200, ''],
    [
      'a day before all days',
      () => callers.hr.get('/api/v1/units/11/adoption?asOf=0001-01-01'),
      404,
      'unit_not_found',
    ],
    ['a wildcard in a search', () => callers.hr.get('/api/v1/staff?q=%25_%27%22%5C'), 200, ''],
  ])('%s', async (_, request, status, code) => {
    const answer = await request();
    if (status === 200) expect(answer.status).toBe(200);
    else expectProblem(answer, status, code);
  });

  test('a wrong password tells nothing, and names no field', async () => {
    const wrong = await city.nobody.post('/api/v1/session', { name: 'hr-1', password: 'x' });
    const unknown = await city.nobody.post('/api/v1/session', { name: 'nobody-such', password: 'x' });
    expectProblem(wrong, 401, 'sign_in_failed');
    expect(withoutReference(wrong)).toBe(withoutReference(unknown));
  });
});

describe('an individual number', () => {
  const NUMBER = '123456789018';
  const FORMS = [NUMBER, '1234-5678-9018', '１２３４５６７８９０１８', '1234 5678 9018'];

  test.each<[string, (form: string) => Promise<Answer>, string]>([
    ['in a path', (form) => callers.hr.get(`/api/v1/units/${encodeURIComponent(form)}/adoption`), 'code'],
    ['in a query', (form) => callers.hr.get(`/api/v1/staff?q=${encodeURIComponent(form)}`), 'q'],
    [
      'in a list in a query',
      (form) => callers.hr.get(`/api/v1/staff?q=a&q=${encodeURIComponent(form)}`),
      'q',
    ],
    [
      'as the name of a query parameter',
      (form) => callers.hr.get(`/api/v1/staff?${encodeURIComponent(form)}=1`),
      '',
    ],
    ['in JSON', (form) => callers.hr.post('/api/v1/exceptions', { number: form }), 'number'],
    ['deep in JSON', (form) => callers.hr.post('/api/v1/exceptions', { a: [{ b: [form] }] }), 'b'],
    ['as the name of a JSON field', (form) => callers.hr.post('/api/v1/exceptions', { [form]: 1 }), ''],
    [
      'in the name at sign-in',
      (form) => city.nobody.post('/api/v1/session', { name: form, password: 'x' }),
      'name',
    ],
    [
      'in a form of a page',
      (form) =>
        city.nobody.send('POST', '/sign-in', `name=${encodeURIComponent(form)}&password=x`, {
          'content-type': 'application/x-www-form-urlencoded',
        }),
      'name',
    ],
    [
      'where nobody is signed in',
      (form) => city.nobody.get(`/api/v1/staff?q=${encodeURIComponent(form)}`),
      'q',
    ],
  ])('%s is refused by its field and not repeated', async (_, request, field) => {
    for (const form of FORMS) {
      const answer = await request(form);
      expect(answer.status).toBe(422);
      if (answer.json) {
        expectProblem(answer, 422, 'individual_number');
        expect(answer.json.field).toBe(field);
      }
      for (const written of [...FORMS, encodeURIComponent(form)])
        expect(answer.text + JSON.stringify(answer.headers)).not.toContain(written);
    }
  });

  test('as a JSON number is refused too', async () => {
    const answer = await callers.hr.send('POST', '/api/v1/exceptions', `{"number":${NUMBER}}`, {
      'content-type': 'application/json',
    });
    expectProblem(answer, 422, 'individual_number');
  });

  test('may be somebody’s password, which is nobody’s business', async () => {
    expectProblem(
      await city.nobody.post('/api/v1/session', { name: 'hr-1', password: NUMBER }),
      401,
      'sign_in_failed',
    );
  });

  test('a page that asks for a sign-in does not carry it on in its address', async () => {
    const answer = await city.nobody.get(`/units/${NUMBER}?q=${NUMBER}`);
    expect(JSON.stringify(answer.headers) + answer.text).not.toContain(NUMBER);
    const unknown = await city.nobody.get(`/none/${NUMBER}`);
    expect(JSON.stringify(unknown.headers) + unknown.text).not.toContain(NUMBER);
  });
});

describe('the end', () => {
  test('signing out ends the session', async () => {
    for (const who of WHO) {
      expect((await callers[who].send('DELETE', '/api/v1/session')).status).toBe(
        who === 'nobody' ? 401 : 204,
      );
      expectProblem(await callers[who].get('/api/v1/session'), 401, 'sign_in_required');
    }
  });
});
