import { afterAll, beforeAll, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { LedgerService } from '../../src/adoption/ledger.service.js';
import { CityFiles } from '../support/city-files.js';
import { toldHistory } from '../support/random-acts.js';
import { beginHistory, carryOut } from '../support/told-history.js';

let city: CityFiles;
beforeAll(async () => {
  city = await CityFiles.open();
});
afterAll(() => city.close());

it('shows what the facts say, whatever was told and refused, in whatever order', async () => {
  const done = new Set<string>();
  await fc.assert(
    fc.asyncProperty(toldHistory, async (acts) => {
      await beginHistory(city);
      for (const act of acts) {
        const outcome = await carryOut(city, act);
        if (outcome === 'done' || outcome === 'taken back at once') done.add(act.tell);
      }
      const { differences } = await city.rooms.app.get(LedgerService).verify();
      expect(differences).toEqual([]);
    }),
    { numRuns: 20 },
  );
  // Kinds of acts that are always refused would show nothing.
  for (const kind of [
    'roster',
    'organisation',
    'reorganisation',
    'new number',
    'list',
    'event',
    'correction',
    'exception',
    'definition',
  ])
    expect([...done]).toContain(kind);
});
