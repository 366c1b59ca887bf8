import { reasonLabel } from './delivery-reason.js';
import { MASK } from './mask.js';
import type { MessageTemplate, RenderedMessage } from './message-template.js';
import type { PlannedMessage, PlannedWave } from './planned-wave.js';
import { speaksToPersons, type Policy } from './policy.js';
import { masked, templateKind } from './template-kind.js';
import { recipientLabel } from './recipient-label.js';
import type { PreviewDelivery, ReasonCount } from './wave.types.js';

/** So many deliveries of a wave that is not there yet are listed. */
const LISTED = 100;

export interface WaveOverview {
  readonly recipients: number;
  /** Of them, messages to chat rooms. */
  readonly chatRooms: number;
  readonly suppressed: readonly ReasonCount[];
  readonly deliveries: readonly PreviewDelivery[];
  /** Null where there is none at the position. */
  readonly shown: (RenderedMessage & { readonly message: PlannedMessage }) | null;
}

/**
 * Goes through a wave once: how many get a message and why others get none, the first of both, and one message, counted
 * from 1 among those that would be sent. Whatever is a person's own is masked.
 */
export async function overviewOf(
  policy: Policy,
  messages: PlannedWave['messages'],
  template: MessageTemplate,
  position: number,
): Promise<WaveOverview> {
  const kind = templateKind(policy.template);
  const rendered = (message: PlannedMessage) => template(masked(kind, message.context));
  let recipients = 0;
  let chatRooms = 0;
  let shown: WaveOverview['shown'] = null;
  const reasons = new Map<string, number>();
  const deliveries: PreviewDelivery[] = [];
  for await (const message of messages) {
    const { suppressed, unit, recipient, channel } = message;
    if (suppressed === null) recipients++;
    else reasons.set(suppressed, (reasons.get(suppressed) ?? 0) + 1);
    if (suppressed === null && recipients === position) shown = { message, ...rendered(message) };
    if (suppressed === null && channel === 'chat') chatRooms++;
    if (deliveries.length < LISTED) {
      deliveries.push({
        unitCode: unit.code,
        unitName: unit.name,
        recipient: recipientLabel(recipient, policy, channel),
        subject: rendered(message).subject,
        reason: suppressed && reasonLabel(suppressed),
      });
    }
  }
  const suppressed = [...reasons]
    .map(([reason, count]) => ({
      state: 'suppressed' as const,
      code: reason,
      reason: reasonLabel(reason),
      count,
    }))
    .toSorted((a, b) => b.count - a.count);
  return { recipients, chatRooms, shown, suppressed, deliveries };
}

/** Of a chat room nobody is shown the address, which is a secret; of a person's message not either. */
export function addressShown(policy: Policy, { recipient, channel, address }: PlannedMessage): string {
  if (channel === 'chat') return recipientLabel(recipient, policy, channel);
  return speaksToPersons(policy) ? MASK : address!;
}
