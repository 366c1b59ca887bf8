import type { Channel } from './message-sender.js';
import { speaksToPersons, type Policy } from './policy.js';

/**
 * Without a name: lists of deliveries speak about roles. Messages about a unit go to those who lead it or to its chat
 * room, all others to people as members of the staff.
 */
export function recipientLabel(
  recipient: string,
  policy: Pick<Policy, 'limits'> | undefined,
  channel?: Channel,
): string {
  if (channel === 'chat') return '所属のチャット';
  if (!recipient.startsWith('staff:')) return '所属のメール';
  return policy === undefined || speaksToPersons(policy) ? '職員' : '所属長';
}
