import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { UserService } from '../../src/access/user.service.js';
import { Caller, startCity, type City } from '../support/api-city.js';
import { expectProblem } from '../support/problem.js';
import { routesOf, type Route } from '../support/routes.js';

/**
 * Every route × every role × (the unit lies in the scope, it does not, nobody is signed in). The rows are the router's:
 * a new route without a row fails, and so does one whose declared permission and row disagree.
 */
const WHO = [
  'hr of all',
  'hr inside',
  'hr outside',
  'manager inside',
  'manager outside',
  'leader of all',
  'leader inside',
  'leader outside',
  'auditor of all',
  'auditor outside',
  'admin',
  'no role',
  'nobody',
] as const;
type Who = (typeof WHO)[number];

/** What a route answers to whom: the status where the request gets through, or 403; anybody missing gets 403. */
interface Row {
  readonly url: string;
  readonly body?: object;
  readonly open: Partial<Record<Who, number>>;
  /** Nobody is answered otherwise than with a sign-in: for public routes. */
  readonly nobody?: number;
}

const everybody = (status: number): Row['open'] => Object.fromEntries(WHO.map((who) => [who, status]));
const hr = (all: number, inside = all, outside = inside): Row['open'] => ({
  'hr of all': all,
  'hr inside': inside,
  'hr outside': outside,
});
const hrOfAll = (status: number): Row['open'] => ({ 'hr of all': status });
const reports = (status: number): Row['open'] => ({
  'hr of all': status,
  'leader of all': status,
  'auditor of all': status,
});
const waves = (status: number): Row['open'] => ({ 'hr of all': status, 'auditor of all': status });
const admin = (status: number): Row['open'] => ({ admin: status });
const ofUnit11: Row['open'] = {
  ...hr(200, 200, 404),
  'manager inside': 200,
  'manager outside': 404,
};
/** Leadership and auditors see published figures alone: a unit too small for them is not found, wherever it lies. */
const published: Row['open'] = {
  ...ofUnit11,
  'leader of all': 404,
  'leader inside': 404,
  'leader outside': 404,
  'auditor of all': 404,
  'auditor outside': 404,
};
const wholeRecord = (status: number): Row['open'] => ({ 'hr of all': status, 'auditor of all': status });
const exception = { number: '0000012', category: 'other', from: '2022-10-01', to: '2022-10-31' };

const ROWS: Record<string, Row> = {
  'GET /': {
    url: '/',
    // Managers are led to their unit; whoever sees no figures is told so.
    open: { ...everybody(200), 'manager inside': 303, 'manager outside': 303 },
  },
  'GET /sign-in': { url: '/sign-in', open: everybody(303), nobody: 200 },
  'POST /sign-in': { url: '/sign-in', body: {}, open: everybody(401), nobody: 401 },
  'GET /sign-in/oidc': { url: '/sign-in/oidc', open: everybody(404), nobody: 404 },
  'GET /sign-in/oidc/callback': { url: '/sign-in/oidc/callback', open: everybody(404), nobody: 404 },
  'GET /sign-in/oidc/sign-out': { url: '/sign-in/oidc/sign-out', open: everybody(404), nobody: 404 },
  // Whoever has a link that was sent may; being signed in adds nothing to it.
  'GET /answer/:token': { url: '/answer/none', open: everybody(404), nobody: 404 },
  'POST /answer/:token': { url: '/answer/none', body: {}, open: everybody(404), nobody: 404 },
  'GET /answer/:token/receipt': { url: '/answer/none/receipt', open: everybody(404), nobody: 404 },
  'GET /answer/:token/exception': { url: '/answer/none/exception', open: everybody(404), nobody: 404 },
  'POST /answer/:token/exception': {
    url: '/answer/none/exception',
    body: {},
    open: everybody(404),
    nobody: 404,
  },
  'GET /password': { url: '/password', open: everybody(200) },
  'POST /password': { url: '/password', body: {}, open: everybody(422) },
  'GET /account': { url: '/account', open: everybody(200) },
  'POST /account/tokens': { url: '/account/tokens', body: {}, open: everybody(422) },
  'POST /account/tokens/:id/revoke': { url: '/account/tokens/999/revoke', body: {}, open: everybody(404) },
  'GET /account/exceptions': { url: '/account/exceptions', open: everybody(200) },
  'POST /account/exceptions': { url: '/account/exceptions', body: exception, open: everybody(422) },
  'POST /account/exceptions/:id/withdraw': {
    url: '/account/exceptions/999/withdraw',
    body: {},
    open: everybody(404),
  },
  'POST /account/exceptions/:id/appeal': {
    url: '/account/exceptions/999/appeal',
    body: {},
    open: everybody(404),
  },
  'GET /exceptions': { url: '/exceptions', open: hr(200) },
  'POST /exceptions': { url: '/exceptions', body: exception, open: hr(303, 303, 404) },
  'POST /exceptions/:id/approve': { url: '/exceptions/999/approve', body: {}, open: hr(404) },
  'POST /exceptions/:id/reject': { url: '/exceptions/999/reject', body: {}, open: hr(404) },
  'GET /units': {
    url: '/units',
    open: {
      'hr of all': 200,
      'hr inside': 303,
      'hr outside': 303,
      'manager inside': 303,
      'manager outside': 303,
    },
  },
  'GET /units/:code': { url: '/units/11', open: published },
  'GET /units/:code/changes': {
    url: '/units/11/changes?from=2022-10-01&to=2022-10-31',
    open: ofUnit11,
  },
  'GET /units/:code/children.csv': { url: '/units/11/children.csv', open: ofUnit11 },
  'GET /imports': { url: '/imports', open: hrOfAll(200) },
  'GET /imports/:id': { url: '/imports/999', open: hrOfAll(404) },
  'GET /imports/runs/:run': { url: '/imports/runs/none', open: hrOfAll(404) },
  'POST /imports/runs/:run/stop': { url: '/imports/runs/none/stop', body: {}, open: hrOfAll(404) },
  'POST /imports/:kind': { url: '/imports/none', body: {}, open: hrOfAll(404) },
  'POST /imports/:id/apply': { url: '/imports/999/apply', body: {}, open: hrOfAll(404) },
  'POST /imports/:id/discard': { url: '/imports/999/discard', body: {}, open: hrOfAll(404) },
  'POST /imports/:id/withdraw': { url: '/imports/999/withdraw', body: {}, open: hrOfAll(404) },
  'GET /waves': { url: '/waves', open: waves(200) },
  'GET /outcomes': { url: '/outcomes', open: waves(200) },
  'GET /waves/new': { url: '/waves/new?policy=none', open: hrOfAll(404) },
  'POST /waves': { url: '/waves', body: { policy: 'none' }, open: hrOfAll(404) },
  'GET /waves/:id': { url: '/waves/999', open: waves(404) },
  'POST /waves/test': { url: '/waves/test', body: { policy: 'none' }, open: hrOfAll(404) },
  'POST /waves/:id/:action': { url: '/waves/999/pause', body: {}, open: hrOfAll(404) },
  'GET /waves/:id/deliveries/:deliveryId': { url: '/waves/999/deliveries/1', open: waves(404) },
  'GET /waves/:id/deliveries/:deliveryId/message.html': {
    url: '/waves/999/deliveries/1/message.html',
    open: waves(404),
  },
  'GET /reports': { url: '/reports', open: reports(200) },
  'GET /reports/:file': { url: '/reports/2022-01.pdf', open: reports(404) },
  'GET /reports/:month/restatement': { url: '/reports/2022-01/restatement', open: hrOfAll(404) },
  'POST /reports/:month/close': { url: '/reports/2022-13/close', body: {}, open: hrOfAll(400) },
  'POST /reports/:month/release': { url: '/reports/2022-01/release', body: {}, open: hrOfAll(404) },
  'GET /audit': { url: '/audit', open: wholeRecord(200) },
  'GET /staff/:number': { url: '/staff/0000012', open: hr(200, 200, 404) },
  'GET /staff/:number/disclosure.html': { url: '/staff/0000012/disclosure.html', open: hr(200, 200, 404) },
  'POST /staff/:number/card-events': {
    url: '/staff/0000012/card-events',
    body: { status: 'none' },
    open: hr(400),
  },
  'POST /staff/:number/exceptions/:id/withdraw': {
    url: '/staff/0000012/exceptions/999/withdraw',
    body: {},
    open: hr(404),
  },
  'GET /settings': { url: '/settings', open: hrOfAll(200) },
  'POST /settings/managers-see-names': {
    url: '/settings/managers-see-names',
    body: { on: 'maybe' },
    open: hrOfAll(400),
  },
  'GET /settings/definition': { url: '/settings/definition', open: hrOfAll(200) },
  'POST /settings/definition/preview': {
    url: '/settings/definition/preview',
    body: {},
    open: hrOfAll(400),
  },
  'GET /settings/templates': { url: '/settings/templates', open: hrOfAll(200) },
  'GET /settings/templates/:name': { url: '/settings/templates/manager-monthly', open: hrOfAll(200) },
  'POST /settings/templates/:name': {
    url: '/settings/templates/manager-monthly',
    body: {},
    open: hrOfAll(400),
  },
  'GET /settings/templates/:name/preview': {
    url: '/settings/templates/manager-monthly/preview',
    open: hrOfAll(200),
  },
  'POST /settings/templates/:name/preview': {
    url: '/settings/templates/manager-monthly/preview',
    body: {},
    open: hrOfAll(200),
  },
  'GET /settings/templates/:name/versions/:version': {
    url: '/settings/templates/manager-monthly/versions/999',
    open: hrOfAll(404),
  },
  'POST /settings/templates/:name/versions/:version/restore': {
    url: '/settings/templates/manager-monthly/versions/999/restore',
    body: {},
    open: hrOfAll(404),
  },
  'POST /settings/definition': { url: '/settings/definition', body: {}, open: hrOfAll(400) },
  'GET /settings/policies': { url: '/settings/policies', open: hrOfAll(200) },
  'POST /settings/policies/confirm': { url: '/settings/policies/confirm', body: {}, open: hrOfAll(303) },
  'POST /settings/policies/rules': { url: '/settings/policies/rules', body: {}, open: hrOfAll(400) },
  'POST /settings/policies/quiet-periods': {
    url: '/settings/policies/quiet-periods',
    body: {},
    open: hrOfAll(400),
  },
  'POST /settings/policies/quiet-periods/remove': {
    url: '/settings/policies/quiet-periods/remove',
    body: {},
    open: hrOfAll(404),
  },
  'POST /settings/policies/:name/channel': {
    url: '/settings/policies/none/channel',
    body: { channel: 'chat' },
    open: hrOfAll(404),
  },
  'GET /settings/chat': { url: '/settings/chat', open: hrOfAll(200) },
  'POST /settings/chat': { url: '/settings/chat', body: {}, open: hrOfAll(400) },
  'POST /settings/chat/test': { url: '/settings/chat/test', body: { unit: 'none' }, open: hrOfAll(404) },
  'POST /settings/chat/remove': { url: '/settings/chat/remove', body: { unit: 'none' }, open: hrOfAll(404) },
  'POST /settings/policies/:name': {
    url: '/settings/policies/none',
    body: { on: '1' },
    open: hrOfAll(404),
  },
  'GET /users': { url: '/users', open: admin(200) },
  'POST /users': { url: '/users', body: {}, open: admin(400) },
  'GET /users/:name': { url: '/users/none', open: admin(404) },
  'POST /users/:name/grants': { url: '/users/none/grants', body: { role: 'hr' }, open: admin(404) },
  'POST /users/:name/grants/:id/revoke': { url: '/users/none/grants/1/revoke', body: {}, open: admin(404) },
  'POST /users/:name/staff-number': { url: '/users/none/staff-number', body: {}, open: admin(404) },
  'POST /users/:name/disable': { url: '/users/none/disable', body: {}, open: admin(404) },
  'POST /users/:name/enable': { url: '/users/none/enable', body: {}, open: admin(404) },
  'POST /users/:name/end-sessions': { url: '/users/none/end-sessions', body: {}, open: admin(404) },
  'POST /users/:name/reset-password': { url: '/users/none/reset-password', body: {}, open: admin(404) },

  'POST /api/v1/session': { url: '/api/v1/session', body: {}, open: everybody(400), nobody: 400 },
  'GET /api/v1/session': { url: '/api/v1/session', open: everybody(200) },
  'PUT /api/v1/session/password': { url: '/api/v1/session/password', body: {}, open: everybody(400) },
  'GET /api/v1/units/:code/adoption': { url: '/api/v1/units/11/adoption', open: published },
  'GET /api/v1/units/:code/children': { url: '/api/v1/units/11/children', open: published },
  'GET /api/v1/units/:code/trend': {
    url: '/api/v1/units/11/trend?from=2022-10&to=2022-10',
    open: published,
  },
  'GET /api/v1/units/:code/changes': {
    url: '/api/v1/units/11/changes?from=2022-10-01&to=2022-10-31',
    open: ofUnit11,
  },
  'GET /api/v1/units/:code/remaining': { url: '/api/v1/units/11/remaining', open: published },
  'GET /api/v1/staff': { url: '/api/v1/staff?unit=11', open: hr(200, 200, 404) },
  'POST /api/v1/staff/:number/card-events': {
    url: '/api/v1/staff/0000012/card-events',
    body: { status: 'applied' },
    open: hr(201, 201, 404),
  },
  'POST /api/v1/staff/:number/renumber': {
    url: '/api/v1/staff/0000999/renumber',
    body: { number: '0009999' },
    open: hrOfAll(404),
  },
  'POST /api/v1/imports/:kind': { url: '/api/v1/imports/none', body: {}, open: hrOfAll(404) },
  'POST /api/v1/imports/:id/apply': { url: '/api/v1/imports/999/apply', body: {}, open: hrOfAll(404) },
  'POST /api/v1/imports/:id/withdraw': {
    url: '/api/v1/imports/999/withdraw',
    body: {},
    open: hrOfAll(404),
  },
  'GET /api/v1/exceptions': { url: '/api/v1/exceptions', open: hr(200) },
  'POST /api/v1/exceptions': { url: '/api/v1/exceptions', body: exception, open: hr(201, 201, 404) },
  'POST /api/v1/exceptions/:id/approve': { url: '/api/v1/exceptions/999/approve', body: {}, open: hr(404) },
  'POST /api/v1/exceptions/:id/reject': { url: '/api/v1/exceptions/999/reject', body: {}, open: hr(404) },
  'POST /api/v1/exceptions/:id/appeal': { url: '/api/v1/exceptions/999/appeal', body: {}, open: hr(404) },
  'POST /api/v1/exceptions/:id/withdraw': { url: '/api/v1/exceptions/999/withdraw', body: {}, open: hr(404) },
  'GET /api/v1/outcomes': { url: '/api/v1/outcomes?by=policy', open: waves(200) },
  'GET /api/v1/policies': { url: '/api/v1/policies', open: hrOfAll(200) },
  'PUT /api/v1/policies/:name': { url: '/api/v1/policies/none', body: { on: true }, open: hrOfAll(404) },
  'PUT /api/v1/reminder-rules': {
    url: '/api/v1/reminder-rules',
    body: { minGapDays: -1 },
    open: hrOfAll(400),
  },
  'POST /api/v1/policies/:name/waves': { url: '/api/v1/policies/none/waves', body: {}, open: hrOfAll(404) },
  'POST /api/v1/policies/:name/test': { url: '/api/v1/policies/none/test', body: {}, open: hrOfAll(404) },
  'GET /api/v1/waves/:id': { url: '/api/v1/waves/999', open: hrOfAll(404) },
  'GET /api/v1/waves/:id/deliveries': { url: '/api/v1/waves/999/deliveries', open: hrOfAll(404) },
  'GET /api/v1/months/:month/restatement': {
    url: '/api/v1/months/2022-01/restatement',
    open: hrOfAll(404),
  },
  'GET /api/v1/templates': { url: '/api/v1/templates', open: hrOfAll(200) },
  'GET /api/v1/templates/:name': { url: '/api/v1/templates/manager-monthly', open: hrOfAll(200) },
  'PUT /api/v1/templates/:name': { url: '/api/v1/templates/manager-monthly', body: {}, open: hrOfAll(400) },
  'POST /api/v1/templates/:name/preview': {
    url: '/api/v1/templates/none/preview',
    body: {},
    open: hrOfAll(404),
  },
  'POST /api/v1/waves/:id/:action': { url: '/api/v1/waves/999/pause', body: {}, open: hrOfAll(404) },
  'POST /api/v1/months/:month/close': { url: '/api/v1/months/2022-13/close', body: {}, open: hrOfAll(400) },
  'POST /api/v1/months/:month/release': {
    url: '/api/v1/months/2022-01/release',
    body: {},
    open: hrOfAll(404),
  },
  'GET /api/v1/audit': { url: '/api/v1/audit', open: wholeRecord(200) },
  'GET /api/v1/reports/:file': { url: '/api/v1/reports/2022-01.pdf', open: reports(404) },

  'GET /opendata/:file': { url: '/opendata/2022-10.csv', open: everybody(404), nobody: 404 },
  'GET /healthz': { url: '/healthz', open: everybody(200), nobody: 200 },
  'GET /readyz': { url: '/readyz', open: everybody(200), nobody: 200 },
  'GET /metrics': { url: '/metrics', open: everybody(200), nobody: 200 },
};
/** They end the session they are tried with. */
const LAST = ['POST /sign-out', 'DELETE /api/v1/session'];

let city: City;
let routes: Route[];
const callers = {} as Record<Who, Caller>;

beforeAll(async () => {
  city = await startCity();
  routes = routesOf(city.app);
  callers['hr of all'] = await city.caller('hr');
  callers['leader of all'] = await city.caller('leader');
  callers['auditor of all'] = await city.caller('auditor');
  for (const role of ['hr', 'manager', 'leader', 'auditor'] as const) {
    if (role !== 'auditor') callers[`${role} inside`] = await city.caller(role, '11');
    callers[`${role} outside`] = await city.caller(role, '21');
  }
  callers.admin = await city.caller('admin');
  await city.app
    .get(UserService)
    .add({ name: 'no-role', role: 'manager', staffNumber: '9999999', password: 'kaze-to-umi-7' }, 'test');
  const signedIn = await city.nobody.post('/api/v1/session', { name: 'no-role', password: 'kaze-to-umi-7' });
  callers['no role'] = new Caller(
    city.app,
    String(signedIn.headers['set-cookie']).split(';')[0]!,
    signedIn.json.csrfToken as string,
  );
  callers.nobody = city.nobody;
});
afterAll(() => city?.close());

test('every route of the router stands in the table, and the table in the router', () => {
  expect(routes.map(({ name }) => name).toSorted()).toEqual([...Object.keys(ROWS), ...LAST].toSorted());
});

test('the description of the API names every route of it, and no other', async () => {
  const { json } = await city.nobody.get('/api/openapi.json');
  const described = Object.entries(json.paths as Record<string, object>).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`),
  );
  const programs = routes.map(({ name }) => name).filter((name) => /\/(api|opendata)\//.test(name));
  expect(described.toSorted()).toEqual(programs.toSorted());
});

test.each(Object.entries(ROWS))('%s', async (name, { url, body, open, nobody }) => {
  const { rule, method } = routes.find((route) => route.name === name)!;
  const isPublic = rule?.who === 'anybody';
  const forPeople = !/^\/(api|opendata|healthz|readyz|metrics)/.test(url);
  const seen: Record<string, number> = {};
  const expected: Record<string, number> = {};
  for (const who of WHO) {
    const answer = await callers[who].send(method, url, body);
    seen[who] = answer.status;
    const refused = who === 'nobody' ? (forPeople && method === 'GET' ? 303 : forPeople ? 303 : 401) : 403;
    expected[who] = who === 'nobody' ? (nobody ?? refused) : (open[who] ?? refused);
    if (who === 'nobody' && !isPublic && forPeople)
      expect(String(answer.headers.location)).toMatch(/^\/sign-in\?next=/);
    if (answer.status >= 400 && !forPeople) expectProblem(answer, answer.status);
    if (answer.status === 403 && answer.json)
      expect(answer.json.code).toMatch(/^(role_required|whole_organisation_only)$/);
    expect(answer.headers['cache-control']).toBe('no-store');
  }
  expect(seen).toEqual(expected);
  expect(isPublic).toBe(nobody !== undefined);
});

describe('a personal token', () => {
  test('opens what its owner may open over the API, changes nothing when it is for reading, and no page', async () => {
    const owner = callers['hr of all'];
    const page = await owner.send('POST', '/account/tokens', 'name=test&access=read&days=1', {
      'content-type': 'application/x-www-form-urlencoded',
    });
    const token = /mnc_[\w-]{43}/.exec(page.text)![0];
    const bearer = { authorization: `Bearer ${token}` };
    for (const [name, { url, body, open }] of Object.entries(ROWS)) {
      const { rule, method, path, noTokens } = routes.find((route) => route.name === name)!;
      if (rule?.who === 'anybody') continue;
      const answer = await city.nobody.send(method, url, body, bearer);
      const may = path.startsWith('/api/') && method === 'GET' && !noTokens;
      expect([name, answer.status]).toEqual([name, may ? (open['hr of all'] ?? 403) : 403]);
    }
  });
});

test('signing out ends the session', async () => {
  const [first, second] = [callers['hr of all'], callers.admin];
  expect((await first.send('POST', '/sign-out', {})).status).toBe(303);
  expect((await second.send('DELETE', '/api/v1/session')).status).toBe(204);
  for (const caller of [first, second]) expect((await caller.get('/api/v1/session')).status).toBe(401);
  expect((await city.nobody.send('POST', '/sign-out', {})).status).toBe(303);
  expect((await city.nobody.send('DELETE', '/api/v1/session')).status).toBe(401);
});
