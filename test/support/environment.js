import { AsyncLocalStorage } from 'node:async_hooks';
import { TestEnvironment } from 'jest-environment-node';

const used = new Set();
const { run } = AsyncLocalStorage.prototype;
AsyncLocalStorage.prototype.run = function (...args) {
  used.add(this);
  return run.apply(this, args);
};

/**
 * Jest's own, which ends what a file leaves behind. An AsyncLocalStorage that was used once is carried along by every
 * promise of the process until it is disabled (before Node 24), and Jest uses a new one for each file: in the 65th file
 * of a process an `await` took 30 times as long as in the first.
 */
export default class Environment extends TestEnvironment {
  async teardown() {
    for (const storage of used) storage.disable();
    used.clear();
    await super.teardown();
  }
}
