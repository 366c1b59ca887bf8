import Sequencer from '@jest/test-sequencer';

/** Long for their size, as they start programs or wait: begun late, one of them would be all that is left to wait for. */
const FIRST = ['db/kills.test.ts', 'db/wave-control.test.ts', 'db/reminders-kill.test.ts'];

/** Jest knows how long a file takes after it has seen it once; a fresh checkout has only sizes to go by. */
export default class LongestFirst extends Sequencer {
  sort(tests) {
    // oxlint-disable-next-line unicorn/no-array-sort -- Jest's own method, which is no array's
    const usual = super.sort(tests);
    const first = FIRST.flatMap((name) => usual.filter(({ path }) => path.endsWith(`/test/${name}`)));
    return [...first, ...usual.filter((test) => !first.includes(test))];
  }
}
