import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { SELF_STATUSES } from '../../../src/ledger/card-status.js';
import { MESSAGES_FOLDER } from '../../../src/reminders/message-parts.js';
import { OWN_WORDS } from '../../../src/web/views/answer.view.js';

test.each(['staff-start', 'staff-monthly'])(
  'what %s asks people to choose is a choice on the page that it leads to',
  async (name) => {
    const text = await readFile(join(MESSAGES_FOLDER, `${name}.txt`), 'utf8');
    const named = [...text.matchAll(/「([^」]+)」(?=を選|とお知らせ)/gu)].map(([, word]) => word);
    expect(named.length).toBeGreaterThan(1);
    expect(SELF_STATUSES.map((status) => OWN_WORDS[status])).toEqual(expect.arrayContaining(named));
  },
);
