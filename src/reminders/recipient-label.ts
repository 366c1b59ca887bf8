import type { Policy } from './policy.js';

/**
 * Without a name: lists of deliveries speak about roles. Messages about a unit go to those who lead it, all others to
 * people as members of the staff.
 */
export function recipientLabel(recipient: string, policy: Pick<Policy, 'limits'> | undefined): string {
  if (!recipient.startsWith('staff:')) return '所属のメール';
  return policy?.limits.about === 'unit' ? '所属長' : '職員';
}
