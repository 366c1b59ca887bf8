import { expect, test } from '@jest/globals';
import { hostile } from '../trials/hostile/trial.js';

test('a short run of the trial `npm run hostile` loses nothing', async () => {
  const { losses, inputs, answers } = await hostile({ first: 0, end: 300, seed: 20221031 });
  expect(losses).toEqual([]);
  expect(inputs).toBe(300);
  // Neither everything nor nothing gets in: otherwise the trial would show little.
  expect(answers.accepted).toBeGreaterThan(30);
  expect(answers.refused).toBeGreaterThan(150);
});
