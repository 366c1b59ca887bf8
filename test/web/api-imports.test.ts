import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { ImportService } from '../../src/platform/imports/import.service.js';
import { projectRoot } from '../../src/platform/project-root.js';
import { expectProblem } from '../support/problem.js';
import {
  multipart,
  ROSTER,
  startCity,
  STATUS,
  UNITS,
  type Caller,
  type City,
  type Part,
} from '../support/api-city.js';

const NUMBER = '123456789018';

let city: City;
let hr: Caller;
let port: number;

beforeAll(async () => {
  city = await startCity();
  hr = await city.caller('hr');
  await city.app.listen(0, '127.0.0.1');
  port = (city.app.getHttpServer().address() as { port: number }).port;
});
afterAll(() => city.close());

const filesLeft = () => {
  const folder = join(city.dataDir, 'imports');
  return existsSync(folder) ? readdirSync(folder) : [];
};
afterEach(async () => {
  // A preview that waits keeps its files; nothing else may.
  expect(filesLeft().filter((name) => !name.startsWith('batch-'))).toEqual([]);
});

const file = (content: Part['content'], fileName = 'a.csv'): Part => ({ field: 'file', content, fileName });
const field = (name: string, content: string): Part => ({ field: name, content });
const preview = (kind: string, ...parts: Part[]) => hr.upload(`/api/v1/imports/${kind}`, ...parts);
const apply = (id: number, body: object = {}) => hr.post(`/api/v1/imports/${id}/apply`, body);
const staff = async () => (await hr.get('/api/v1/units/00/adoption')).json.staff as number;

const joiner = (number: string, name = '見本 新人') => `${ROSTER}\r\n${number},${name},11,,`;

describe('preview and apply', () => {
  test('a preview changes nothing; applying does what it showed, once', async () => {
    const before = await staff();
    const { status, json: shown } = await preview(
      'roster',
      file(joiner('0000900'), '名簿.csv'),
      field('asOf', '2022-10-15'),
    );
    expect(status).toBe(200);
    expect(shown).toMatchObject({
      id: expect.any(Number),
      state: 'previewed',
      canBeApplied: true,
      kind: 'roster',
      dryRun: true,
      file: '名簿.csv',
      encoding: 'UTF-8',
      headerRow: 1,
      rows: 27,
      skippedRows: 0,
      joined: 1,
      left: 0,
      moved: 0,
      changed: 0,
      unchanged: 26,
      problems: [],
      warnings: [],
    });
    expect(await staff()).toBe(before);

    const applied = await apply(shown.id as number);
    expect(applied.json).toMatchObject({ id: shown.id, state: 'applied', dryRun: false, joined: 1 });
    expect(await staff()).toBe(before + 1);

    const again = await apply(shown.id as number);
    expect([again.status, again.json.code]).toEqual([409, 'import_not_waiting']);
    expect(filesLeft()).toEqual([]);
  });

  test('two people who press the button at once apply it once', async () => {
    const { json } = await preview('status', file(`${STATUS.split('\r\n')[0]}\r\n0000008,保有,2022-10-20`));
    const answers = await Promise.all([
      apply(json.id as number),
      apply(json.id as number),
      apply(json.id as number),
    ]);
    expect(answers.map((answer) => answer.status).toSorted()).toEqual([200, 409, 409]);
  });

  test('a preview that another import has made outdated is refused', async () => {
    const [first, second] = [
      await preview('roster', file(`${joiner('0000901')}\r\n0000911,見本 次,21,,`)),
      await preview('roster', file(joiner('0000902'))),
    ];
    expect((await apply(first.json.id as number)).status).toBe(200);
    const outdated = await apply(second.json.id as number);
    expect([outdated.status, outdated.json.code]).toEqual([409, 'import_outdated']);
  });

  test('a reorganisation of a day to come is previewed with its figures, applied, and is there on its day', async () => {
    const changes =
      '区分,所属コード,新所属コード,新所属名,上位所属コード\r\n統合,11,12,人財課,\r\n移管,21,,,10';
    const { json: shown } = await preview('reorganisation', file(changes), field('asOf', '2023-04-01'));
    expect(shown).toMatchObject({
      kind: 'reorganisation',
      canBeApplied: true,
      asOf: '2023-04-01',
      unitsCreated: 1,
      unitsMerged: 1,
      unitsMoved: 1,
      transfers: [{ from: { code: '11', name: '人事課' }, to: { code: '12', name: '人財課' } }],
    });
    expect((shown.figures as { code: string }[]).map(({ code }) => code)).toEqual([
      '10',
      '11',
      '12',
      '21',
      '20',
    ]);
    // A card recorded meanwhile changes the figures, not what was agreed to.
    await hr.post('/api/v1/staff/0000012/card-events', { status: 'held' });
    expect((await apply(shown.id as number)).json).toMatchObject({ state: 'applied', unitsMerged: 1 });
    expect((await hr.get('/api/v1/units/12/adoption?asOf=2023-03-31')).status).toBe(404);
    const april = await hr.get('/api/v1/units/12/adoption?asOf=2023-04-01');
    expect(april.json.staff).toBe(shown.peopleMoved);
    const back = await hr.post(`/api/v1/imports/${shown.id}/withdraw`);
    expect([back.status, back.json]).toMatchObject([200, { state: 'withdrawn', unitsMerged: 1 }]);
    expect((await hr.get('/api/v1/units/12/adoption?asOf=2023-04-01')).status).toBe(404);
    expect((await hr.get('/api/v1/units/11/adoption?asOf=2023-04-01')).json.staff).toBe(april.json.staff);
    expectProblem(await hr.post(`/api/v1/imports/${shown.id}/withdraw`), 409, 'import_not_applied');
    expectProblem(await apply(shown.id as number), 409, 'import_not_waiting');
  });

  test('a roster stays once it is applied', async () => {
    const { json } = await preview('roster', file(joiner('0000905')));
    await apply(json.id as number);
    expectProblem(await hr.post(`/api/v1/imports/${json.id}/withdraw`), 409, 'import_stays');
  });

  test('a reorganisation says its day', async () => {
    expectProblem(await preview('reorganisation', file('区分,所属コード\r\n廃止,11')), 400, 'bad_date');
  });

  test('a person gets another number, once', async () => {
    const renumbered = await hr.post('/api/v1/staff/0000012/renumber', { number: '0000777' });
    expect([renumbered.status, renumbered.json]).toEqual([
      200,
      { number: '0000777', formerNumber: '0000012' },
    ]);
    expectProblem(
      await hr.post('/api/v1/staff/0000012/renumber', { number: '0000778' }),
      404,
      'staff_not_found',
    );
    expectProblem(
      await hr.post('/api/v1/staff/0000001/renumber', { number: '0000012' }),
      409,
      'staff_exists',
    );
    await hr.post('/api/v1/staff/0000777/renumber', { number: '0000012' });
  });

  test('a preview whose files were lost is outdated, not a failure', async () => {
    const { json } = await preview('roster', file(joiner('0000903')));
    rmSync(join(city.dataDir, 'imports', `batch-${json.id}`), { recursive: true });
    const lost = await apply(json.id as number);
    expect([lost.status, lost.json.code]).toEqual([409, 'import_outdated']);
  });

  test('a discarded preview is gone with its files', async () => {
    const { json } = await preview('roster', file(joiner('0000904')));
    await city.app.get(ImportService).discard(json.id as number);
    const gone = await apply(json.id as number);
    expect([gone.status, gone.json.code]).toEqual([409, 'import_not_waiting']);
    expect(filesLeft()).not.toContain(`batch-${json.id}`);
  });

  test('many departures are applied with their exact number only', async () => {
    const few = ROSTER.split('\r\n').slice(0, 14).join('\r\n');
    const { json } = await preview('roster', file(few));
    expect(json).toMatchObject({ canBeApplied: true, problems: [{ code: 'confirm_departures' }] });
    const departures = json.left as number;
    expect((await apply(json.id as number)).status).toBe(409);
    const wrong = await preview('roster', file(few));
    expect((await apply(wrong.json.id as number, { confirmDepartures: departures - 1 })).status).toBe(409);
    expect((await apply(wrong.json.id as number, { confirmDepartures: 'all' })).status).toBe(400);
    const right = await preview('roster', file(few), field('confirmDepartures', String(departures)));
    expect(right.json).toMatchObject({ problems: [], left: departures });
    const undone = await apply(right.json.id as number);
    expect(undone.status).toBe(200);
    const back = await preview('roster', file(ROSTER));
    expect((await apply(back.json.id as number)).status).toBe(200);
  });

  test('a file with problems answers all of them and cannot be applied', async () => {
    const { status, json } = await preview(
      'roster',
      file(`${ROSTER}\r\n0000905,,11,,\r\n0000906,見本 新,99,,`),
    );
    expect(status).toBe(200);
    expect(json.canBeApplied).toBe(false);
    expect((json.problems as { row: number; code: string }[]).map(({ row, code }) => [row, code])).toEqual(
      expect.arrayContaining([
        [28, 'missing_value'],
        [29, 'unknown_unit'],
      ]),
    );
    const refused = await apply(json.id as number);
    expect([refused.status, refused.json.code]).toEqual([422, 'import_refused']);
    expect(filesLeft()).not.toContain(`batch-${json.id}`);
  });

  test('a workbook is read by its content, whatever it is called', async () => {
    const bytes = new Uint8Array(
      readFileSync(join(projectRoot, 'test/fixtures/import/ok/roster-titles-and-dates.xlsx')),
    );
    const { json } = await preview('roster', file(bytes, '名簿.csv'), {
      field: 'units',
      content: UNITS,
      fileName: 'u.csv',
    });
    expect(json.encoding).toBe('XLSX');
  });
});

describe('file names', () => {
  test.each([
    ['名簿.csv', '名簿.csv'],
    ['../../etc/passwd', 'passwd'],
    ['..\\..\\windows\\meibo.csv', 'meibo.csv'],
    ['/etc/passwd', 'passwd'],
    ['名簿"; filename="x.csv', expect.not.stringContaining('/')],
    ['a\u202eb\u0007c.csv', 'abc.csv'],
    [`${'長'.repeat(400)}.csv`, '長'.repeat(200)],
  ])('%s is only shown, never a path', async (sent, shown) => {
    const { status, json } = await preview('roster', file(ROSTER, sent));
    expect(status).toBe(200);
    expect(json.file).toEqual(shown);
    expect(
      filesLeft()
        .filter((name) => name.startsWith('batch-'))
        .every((name) => /^batch-\d+$/.test(name)),
    ).toBe(true);
  });

  test('with U+0000 are taken without it', async () => {
    const { body, contentType } = await multipart([file(ROSTER, 'aZEROb.csv')]);
    const sent = Buffer.from(body.toString('latin1').replace('ZERO', '\0'), 'latin1');
    const answer = await hr.send('POST', '/api/v1/imports/roster', sent, { 'content-type': contentType });
    expect([answer.status, answer.json.file]).toEqual([200, 'ab.csv']);
  });

  test.each([
    ['the file', [file(ROSTER, `名簿_${NUMBER}.csv`)], 'file'],
    [
      'the list of units',
      [file(ROSTER), { field: 'units', content: UNITS, fileName: '1234-5678-9018.csv' }],
      'units',
    ],
    ['a field', [file(ROSTER), field('scope', NUMBER)], 'scope'],
    ['a field before the file', [field('scope', '1234 5678 9018'), file(ROSTER)], 'scope'],
    ['a field nobody reads', [file(ROSTER), field('note', `番号は${NUMBER}`)], 'note'],
    ['the name of a field', [file(ROSTER), field(NUMBER, 'x')], ''],
  ] as [string, Part[], string][])(
    'an individual number in %s is refused by its field',
    async (_, parts, named) => {
      const answer = await preview('roster', ...parts);
      expect([answer.status, answer.json.code, answer.json.field]).toEqual([422, 'individual_number', named]);
      expect(answer.text).not.toMatch(/1234.?5678/);
    },
  );

  test('an individual number in a cell is named by its place', async () => {
    const { status, text, json } = await preview('roster', file(joiner('0000906', `見本 ${NUMBER}`)));
    expect(status).toBe(200);
    expect(json).toMatchObject({
      canBeApplied: false,
      problems: [{ row: 28, column: '氏名', read: '', code: 'individual_number' }],
    });
    expect(text).not.toContain(NUMBER);
  });
});

describe('what is no upload', () => {
  const boundary = { 'content-type': 'multipart/form-data; boundary=x' };
  test.each<[string, () => ReturnType<typeof preview>, number, string]>([
    ['JSON', () => hr.post('/api/v1/imports/roster', { file: 'x' }), 400, 'bad_upload'],
    ['a form without a file', () => preview('roster', field('asOf', '2022-10-01')), 400, 'bad_upload'],
    [
      'a file in another field',
      () => preview('roster', { field: 'roster', content: ROSTER, fileName: 'a.csv' }),
      400,
      'bad_upload',
    ],
    ['a file that was not chosen', () => preview('roster', file('', '')), 400, 'bad_upload'],
    [
      'too many files',
      () => preview('citizens', ...Array.from({ length: 5 }, () => file('x'))),
      400,
      'bad_upload',
    ],
    [
      'too many fields',
      () => preview('roster', ...Array.from({ length: 30 }, (_, n) => field(`f${n}`, 'x')), file(ROSTER)),
      400,
      'bad_upload',
    ],
    [
      'a form that is cut off',
      () =>
        hr.send(
          'POST',
          '/api/v1/imports/roster',
          Buffer.from('--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nabc'),
          boundary,
        ),
      400,
      'bad_upload',
    ],
    [
      'a form that is none',
      () => hr.send('POST', '/api/v1/imports/roster', Buffer.from('hello'), boundary),
      400,
      'bad_upload',
    ],
    [
      'a form without boundary',
      () =>
        hr.send('POST', '/api/v1/imports/roster', Buffer.from('hello'), {
          'content-type': 'multipart/form-data',
        }),
      400,
      'bad_upload',
    ],
    [
      'a day that does not exist',
      () => preview('roster', file(ROSTER), field('asOf', '2022-02-30')),
      400,
      'bad_date',
    ],
    [
      'a number of departures that is none',
      () => preview('roster', file(ROSTER), field('confirmDepartures', 'all')),
      400,
      'bad_upload',
    ],
    [
      'a scope nobody has',
      () => preview('roster', file(ROSTER), field('scope', '99')),
      404,
      'unit_not_found',
    ],
    ['a kind nobody knows', () => preview('people', file(ROSTER)), 404, 'unknown_import'],
  ])('%s is refused and leaves nothing', async (_, send, status, code) => {
    const answer = await send();
    expect([answer.status, answer.json.code]).toEqual([status, code]);
  });

  test('more than 50 MB is refused and leaves nothing', async () => {
    const answer = await preview('roster', file(Buffer.alloc(50_000_001, 0x41)));
    expect([answer.status, answer.json.code]).toEqual([413, 'file_too_large']);
  });
});

function uploadSlowly() {
  const request = httpRequest({
    port,
    method: 'POST',
    path: '/api/v1/imports/roster',
    headers: {
      cookie: hr.cookie!,
      'x-csrf-token': hr.csrfToken!,
      'content-type': 'multipart/form-data; boundary=x',
      'content-length': 1_000_000,
    },
  });
  request.on('error', () => undefined);
  request.write('--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n職員番号,');
  return request;
}

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; !condition() && tries < 300; tries++) await wait(10);
  expect(condition()).toBe(true);
}
const incoming = () => filesLeft().filter((name) => name.startsWith('incoming-'));

describe('slow and broken lines', () => {
  test('an upload that is broken off leaves no file', async () => {
    const request = uploadSlowly();
    await until(() => incoming().length === 1);
    request.destroy();
    await until(() => incoming().length === 0);
  });

  test('slow uploads keep nobody else waiting, and a sweep leaves them alone', async () => {
    const slow = Array.from({ length: 20 }, uploadSlowly);
    await until(() => incoming().length === 20);
    const before = Date.now();
    expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200);
    expect((await preview('roster', file(ROSTER))).status).toBe(200);
    expect(Date.now() - before).toBeLessThan(3_000);
    await city.app.get(ImportService).sweep();
    expect(incoming()).toHaveLength(20);
    for (const request of slow) request.destroy();
    await until(() => incoming().length === 0);
  });

  test('a connection that says nothing, or not all, is given up in the end', () => {
    const server = city.app.getHttpServer() as {
      headersTimeout: number;
      requestTimeout: number;
      timeout: number;
      keepAliveTimeout: number;
    };
    for (const limit of [
      server.headersTimeout,
      server.requestTimeout,
      server.timeout,
      server.keepAliveTimeout,
    ]) {
      expect(limit).toBeGreaterThan(0);
      expect(limit).toBeLessThanOrEqual(600_000);
    }
  });
});
