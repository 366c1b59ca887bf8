import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { CityFiles } from '../support/city-files.js';
import { changes, CREW, people, UNITS, watchedCity } from '../support/sample-roster.js';

let city: CityFiles;
const watched = watchedCity();
const { roster, firstRoster } = watched;
beforeAll(() => {
  city = watched.city;
});

describe('the dates in the file', () => {
  beforeEach(firstRoster);
  const asOf = '2022-10-01';
  const others = CREW.slice(0, 6).map((line) => `${line} - - -`);
  const dated = (line: string) => people([...others, line], '採用年月日', '退職年月日', '発令年月日');

  it('tell when a mover moved, between the roster before and this one', async () => {
    await roster(dated('0007 110 - - 2022-07-01'), { asOf });
    expect((await city.rosterOn('2022-06-30'))['0007']).toBe('420');
    expect((await city.rosterOn('2022-07-01'))['0007']).toBe('110');
  });

  it('do not reach behind the roster before: that day was already told', async () => {
    await roster(dated('0007 110 - - 2022-04-01'), { asOf });
    expect((await city.rosterOn('2022-09-30'))['0007']).toBe('420');
  });

  it('tell when a joiner joined', async () => {
    await roster(people([...CREW.map((line) => `${line} -`), '0008 110 2022-06-15'], '採用年月日'), { asOf });
    expect(await city.rosterOn('2022-06-14')).not.toHaveProperty('0008');
    expect(await city.rosterOn('2022-06-15')).toHaveProperty('0008', '110');
  });

  it('put nobody in a unit before it was there', async () => {
    const units = UNITS + '130,契約課,100,課\r\n';
    await roster(people([...CREW.map((line) => `${line} -`), '0008 130 2022-06-15'], '採用年月日'), {
      asOf,
      units,
    });
    expect(await city.rosterOn('2022-09-30')).not.toHaveProperty('0008');
    expect(await city.rosterOn(asOf)).toHaveProperty('0008', '130');
  });

  it('let a joiner of the future begin on the day, and the same file again is no news', async () => {
    const text = people([...CREW.map((line) => `${line} -`), '0008 110 2022-11-01'], '採用年月日');
    await roster(text, { asOf });
    expect(await city.rosterOn('2022-10-31')).not.toHaveProperty('0008');
    expect(await city.rosterOn('2022-11-01')).toHaveProperty('0008', '110');
    expect(changes(await roster(text, { asOf }))).toEqual([0, 0, 0, 0, 8]);
  });

  it('tell the last day of who has left', async () => {
    expect(changes(await roster(dated('0007 420 - 2022-08-31 -'), { asOf }))).toEqual([0, 1, 0, 0, 6]);
    expect(await city.rosterOn('2022-08-31')).toHaveProperty('0007');
    expect(await city.rosterOn('2022-09-01')).not.toHaveProperty('0007');
  });

  it('let who left before the roster before count no longer from its day on', async () => {
    await roster(people(CREW), { asOf: '2022-07-01' });
    await roster(dated('0007 420 - 2022-05-31 -'), { asOf });
    expect(await city.rosterOn('2022-06-30')).toHaveProperty('0007');
    expect(await city.rosterOn('2022-07-01')).not.toHaveProperty('0007');
  });

  it('of a leaver may name a unit nobody knows any more', async () => {
    const report = await roster(dated('0007 999 - 2022-08-31 -'), { asOf });
    expect(changes(report)).toEqual([0, 1, 0, 0, 6]);
    expect(await city.rosterOn('2022-09-01')).not.toHaveProperty('0007');
  });

  it('let who will leave count until then, also where 兼務', async () => {
    const text = people(
      [
        ...CREW.map((line) => `${line} ${line.startsWith('0007') ? '2022-12-31' : '-'} -`),
        '0007 410 2022-12-31 兼務',
      ],
      '退職年月日',
      '本務兼務',
    );
    expect(changes(await roster(text, { asOf }))).toEqual([0, 0, 0, 1, 6]);
    expect(await city.rosterOn('2022-12-31')).toHaveProperty('0007');
    expect(await city.concurrentsOn('2022-12-31')).toEqual(['0007 410']);
    expect(await city.rosterOn('2023-01-01')).not.toHaveProperty('0007');
    expect(await city.concurrentsOn('2023-01-01')).toEqual([]);
    expect(changes(await roster(text, { asOf }))).toEqual([0, 0, 0, 0, 7]);
  });

  it('let a day of leaving be taken back by a blank one', async () => {
    await roster(dated('0007 420 - 2022-12-31 -'), { asOf });
    await roster(dated('0007 420 - - -'), { asOf });
    expect(await city.rosterOn('2023-01-01')).toHaveProperty('0007', '420');
  });

  it('that is only planned survives a file without the column', async () => {
    await roster(dated('0007 420 - 2022-12-31 -'), { asOf });
    await roster(people(CREW), { asOf: '2022-11-01' });
    expect(await city.rosterOn('2023-01-01')).not.toHaveProperty('0007');
  });
});

describe('兼務 and managers', () => {
  const header = ['本務兼務', '所属長'];
  const duty = (...lines: string[]) => people([...CREW.map((line) => `${line} 本務 -`), ...lines], ...header);
  beforeEach(firstRoster);

  it('are kept beside the place that counts, and end when the file no longer has them', async () => {
    expect(changes(await roster(duty('0001 120 兼務 ○', '0002 120 兼務 -'), { asOf: '2022-05-01' }))).toEqual(
      [0, 0, 0, 2, 5],
    );
    expect(await city.concurrentsOn('2022-05-01')).toEqual(['0001 120 ◎', '0002 120']);
    expect(changes(await roster(duty('0001 120 兼務 -'), { asOf: '2022-06-01' }))).toEqual([0, 0, 0, 2, 5]);
    expect(await city.concurrentsOn('2022-05-31')).toEqual(['0001 120 ◎', '0002 120']);
    expect(await city.concurrentsOn('2022-06-01')).toEqual(['0001 120']);
  });

  it('stay where the file has no such column', async () => {
    await roster(duty('0001 120 兼務 ○'), { asOf: '2022-05-01' });
    await roster(people([...CREW.map((line) => `${line} 本務`), '0001 120 兼務'], '本務兼務'), {
      asOf: '2022-06-01',
    });
    await roster(people(CREW), { asOf: '2022-07-01' });
    expect(await city.concurrentsOn('2022-07-01')).toEqual(['0001 120 ◎']);
  });

  it('end with the employment, whether the leaver is left out or has a last day', async () => {
    await roster(duty('0007 120 兼務 ○'), { asOf: '2022-05-01' });
    await roster(people(CREW.slice(0, 6)), { asOf: '2022-06-01' });
    expect(await city.concurrentsOn('2022-06-01')).toEqual([]);
    await roster(duty('0007 120 兼務 ○'), { asOf: '2022-07-01' });
    const last = people(
      [...CREW.slice(0, 6).map((line) => `${line} 本務 -`), '0007 420 本務 2022-07-31'],
      '本務兼務',
      '退職年月日',
    );
    await roster(last, { asOf: '2022-09-01' });
    expect(await city.concurrentsOn('2022-07-31')).toEqual(['0007 120 ◎']);
    expect(await city.concurrentsOn('2022-08-01')).toEqual([]);
  });

  it('of a backdated roster end where the later one begins', async () => {
    await roster(duty(), { asOf: '2022-10-01' });
    await roster(duty('0001 120 兼務 -'), { asOf: '2022-07-01' });
    expect(await city.concurrentsOn('2022-09-30')).toEqual(['0001 120']);
    expect(await city.concurrentsOn('2022-10-01')).toEqual([]);
  });
});
