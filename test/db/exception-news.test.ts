import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { everything } from '../../src/access/scope.js';
import { ExceptionService } from '../../src/ledger/exception.service.js';
import { WaveService } from '../../src/reminders/wave.service.js';
import { CityFiles } from '../support/city-files.js';
import { people, UNITS } from '../support/sample-roster.js';

const TODAY = '2022-11-10';
const hr = everything('test');
const asked = { number: '0001', category: 'health' as const, from: '2022-11-14', to: '2022-12-09' };

let city: CityFiles;

beforeAll(async () => {
  city = await CityFiles.open({ NOW: `${TODAY}T09:00:00+09:00` });
  await city.roster(people(['0001 110 s0001@example.jp'], 'メールアドレス'), {
    units: UNITS,
    asOf: '2022-04-01',
  });
});
afterAll(() => city.close());

test('a decision is told to the person once, either way, and not why', async () => {
  const waves = city.rooms.app.get(WaveService);
  const exceptions = city.rooms.app.get(ExceptionService);
  const start = (on: string) => waves.start(hr, 'exception-decided', on);
  const text = async (on: string) => {
    const { first } = await waves.plan(hr, 'exception-decided', on);
    return first?.text.replaceAll('\n', '');
  };
  const { id } = await exceptions.request(hr, asked);
  await expect(start(TODAY)).rejects.toMatchObject({ code: 'nobody_to_tell' });
  await exceptions.decide(hr, id, 'rejected', '書類がありません。');
  expect(await text(TODAY)).toContain('承認できませんでした');
  expect(await text(TODAY)).not.toMatch(/書類|健康/);
  expect(await start(TODAY)).toMatchObject({ sentNow: 1 });
  await exceptions.appeal(hr, id);
  await exceptions.decide(hr, id, 'approved');
  // Days are the person's own: a preview hides them.
  expect(await text('2022-11-11')).toContain('●●●から●●●まで');
  const wave = await start('2022-11-11');
  expect(wave).toMatchObject({ sentNow: 1 });
  const [sent] = (await waves.deliveries(hr, wave.id)).deliveries;
  const message = await waves.message(hr, wave.id, sent!.id);
  expect(message.text.replaceAll('\n', '')).toContain('2022年11月14日から2022年12月9日まで');
  await expect(start('2022-11-14')).rejects.toMatchObject({ code: 'nobody_to_tell' });
});
