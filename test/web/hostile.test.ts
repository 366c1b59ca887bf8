import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { Dice } from '../trials/dice.js';
import { disguised, individualNumber, NumberFinder } from '../trials/hostile/numbers.js';
import { Search } from '../trials/hostile/search.js';
import { Target } from '../trials/hostile/target.js';
import { hostile } from '../trials/hostile/trial.js';

test('a short run of the trial `npm run hostile` loses nothing', async () => {
  const { losses, inputs, answers } = await hostile({ first: 0, end: 300, seed: 20221031 });
  expect(losses).toEqual([]);
  expect(inputs).toBe(300);
  // Neither everything nor nothing gets in: otherwise the trial would show little.
  expect(answers.accepted).toBeGreaterThan(30);
  expect(answers.refused).toBeGreaterThan(150);
});

test('the trial finds what it looks for: a change, and a number that has stayed in any disguise', async () => {
  const target = await Target.start();
  try {
    for (let n = 0; n < 60; n++) {
      const dice = new Dice(1, n);
      const number = individualNumber(dice);
      const written = disguised(dice, number);
      await target.db.query(`UPDATE app_user SET display_name = $1 WHERE name = 'victim-1'`, [written]);
      writeFileSync(join(target.folders.written, 'tmp', 'left-behind'), written);
      expect(await target.journal.changed()).toEqual(['app_user']);
      expect(new NumberFinder(new Set([individualNumber(dice)])).isIn(written)).toBe(false);
      const search = new Search(new NumberFinder(new Set([number])));
      await search.database(target.db);
      await search.folder(target.folders.written);
      expect(search.searched.found).toEqual(['app_user display_name', 'tmp/left-behind']);
    }
    expect(await target.journal.changed()).toEqual([]);
  } finally {
    await target.close();
  }
});
