import { POLICIES } from './policy.js';
import { templateKind } from './template-kind.js';
import { DEADLINE } from './template-names.js';

/** Whether its messages ask for something by a day that follows from the wave's: then their text has to name it. */
export function hasDeadline(policyName: string): boolean {
  const policy = POLICIES.find(({ name }) => name === policyName);
  return policy !== undefined && templateKind(policy.template).required.includes(DEADLINE);
}
