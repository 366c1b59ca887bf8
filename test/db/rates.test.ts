import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { everything } from '../../src/access/scope.js';
import { AdoptionService } from '../../src/adoption/adoption.service.js';
import { startRooms, type TestApp } from '../support/test-app.js';
import type { INestApplicationContext } from '@nestjs/common';

describe('an empty service', () => {
  let rooms: TestApp<INestApplicationContext>;
  beforeAll(async () => {
    rooms = await startRooms();
  });
  afterAll(() => rooms.close());

  it('says that there is no roster yet instead of showing a rate', async () => {
    const adoption = rooms.app.get(AdoptionService);
    await expect(adoption.unit(everything('test'), undefined)).rejects.toMatchObject({
      code: 'no_organisation',
    });
  });
});
