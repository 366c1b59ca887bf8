import type { Dice } from '../dice.js';
import type { SocketInput } from './input.js';
import { disguised, individualNumber } from './numbers.js';

const PATHS = ['/', '/sign-in', '/api/v1/session', '/healthz', '/units/11', '/imports/roster'];

/** What no HTTP client sends: broken, doubled, partial and smuggled requests. */
export function hostileSocket(dice: Dice): SocketInput {
  const numbers: string[] = [];
  const number = () => {
    numbers.push(individualNumber(dice));
    return disguised(dice, numbers.at(-1)!);
  };
  const path = dice.pick(PATHS);
  const kinds: Record<string, () => string | Buffer> = {
    garbage: () => dice.bytes(400),
    'garbage line': () => `${dice.anyText(200)}\r\n\r\n`,
    'number in request line': () => `GET /${number()} HTTP/1.1\r\nHost: x\r\n\r\n`,
    'number in method': () => `${number()} / HTTP/1.1\r\nHost: x\r\n\r\n`,
    'number in header': () => `GET ${path} HTTP/1.1\r\nHost: x\r\nX-Note: ${number()}\r\n\r\n`,
    'number in header name': () => `GET ${path} HTTP/1.1\r\nHost: x\r\n${number()}: 1\r\n\r\n`,
    'number in broken body': () =>
      `POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 60\r\n\r\n{"name":"${number()}`,
    'no host': () => `GET ${path} HTTP/1.1\r\n\r\n`,
    'two hosts': () => `GET ${path} HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n`,
    'old version': () => `GET ${path}\r\n`,
    'bad version': () => `GET ${path} HTTP/${dice.pick(['0.9', '1.2', '2.0', '3', 'x'])}\r\nHost: x\r\n\r\n`,
    'bad method': () =>
      `${dice.pick(['FOO', 'get', 'CONNECT', 'TRACE', 'PRI', 'PROPFIND', ''])} ${path} HTTP/1.1\r\nHost: x\r\n\r\n`,
    'two lengths': () =>
      `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd`,
    'length and chunks': () =>
      `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n`,
    'chunks in disguise': () =>
      `POST ${path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: ${dice.pick(['xchunked', ' chunked', 'chunked, identity', '\x0bchunked', 'identity'])}\r\n\r\n0\r\n\r\n`,
    'broken chunk': () =>
      `POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n${dice.pick(['zz', '-1', 'fffffffffffffffff', '5\r\nab'])}\r\n{}\r\n`,
    'endless header': () =>
      `GET ${path} HTTP/1.1\r\nHost: x\r\nX-Long: ${'a'.repeat(dice.pick([17_000, 70_000]))}`,
    'many headers': () =>
      `GET ${path} HTTP/1.1\r\nHost: x\r\n${Array.from({ length: 2500 }, (_, n) => `x${n}: 1\r\n`).join('')}\r\n`,
    'control characters in header': () =>
      `GET ${path} HTTP/1.1\r\nHost: x\r\nX-Odd: a${dice.pick(['\0', '\x01', '\r', '\n', '\x7f'])}b\r\n\r\n`,
    'folded header': () => `GET ${path} HTTP/1.1\r\nHost: x\r\nX-Odd: a\r\n b\r\n\r\n`,
    'space before colon': () => `GET ${path} HTTP/1.1\r\nHost : x\r\n\r\n`,
    'partial line': () => `GET ${path} HT`,
    'partial body': () =>
      `POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\nname=a`,
    'partial upload': () =>
      `POST /api/v1/imports/roster HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 900\r\n\r\n--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n1,2`,
    'expects to go on': () =>
      `POST /sign-in HTTP/1.1\r\nHost: x\r\nExpect: ${dice.pick(['100-continue', 'tea'])}\r\nContent-Length: 4\r\n\r\nname`,
    upgrade: () =>
      `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: ${dice.pick(['websocket', 'h2c'])}\r\nSec-WebSocket-Key: eA==\r\n\r\n`,
    'absolute address': () => `GET http://evil.example${path} HTTP/1.1\r\nHost: x\r\n\r\n`,
    'odd address': () =>
      `GET ${dice.pick(['*', '//', 'x', '/\\..\\..', '/%', '/?%', '/a b', '/\x80\xff', '?', 'http://', '/#'])} HTTP/1.1\r\nHost: x\r\n\r\n`,
    'bytes in the address': () =>
      `GET /units/${dice.anyText(40).replace(/[\r\n ]/g, '')} HTTP/1.1\r\nHost: x\r\n\r\n`,
    pipelined: () => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`.repeat(dice.between(2, 30)),
    'TLS on a plain port': () => Buffer.from('16030100a50100', 'hex'),
  };
  const kind = dice.pick(Object.keys(kinds));
  const made = kinds[kind]!();
  const bytes = typeof made === 'string' ? Buffer.from(made, 'utf8') : made;
  const cut = dice.chance(0.3) ? dice.below(bytes.length + 1) : bytes.length;
  return {
    door: 'socket',
    about: kind,
    pieces: [bytes.subarray(0, cut), bytes.subarray(cut)].filter((piece) => piece.length > 0),
    hangsUp: dice.chance(0.2),
    numbers,
    mustRefuse: false,
  };
}
