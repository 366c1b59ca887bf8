import { reasonLabel } from './delivery-reason.js';
import type { MessageTemplate, RenderedMessage } from './message-template.js';
import type { PlannedMessage, PlannedWave } from './planned-wave.js';
import type { Policy } from './policy.js';
import { masked, templateKind } from './template-kind.js';
import { recipientLabel } from './recipient-label.js';
import type { PreviewDelivery, ReasonCount } from './wave.types.js';

/** So many deliveries of a wave that is not there yet are listed. */
const LISTED = 100;

export interface WaveOverview {
  readonly recipients: number;
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
  let shown: WaveOverview['shown'] = null;
  const reasons = new Map<string, number>();
  const deliveries: PreviewDelivery[] = [];
  for await (const message of messages) {
    const { suppressed, unit, recipient, channel } = message;
    if (suppressed === null) recipients++;
    else reasons.set(suppressed, (reasons.get(suppressed) ?? 0) + 1);
    if (suppressed === null && recipients === position) shown = { message, ...rendered(message) };
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
    .map(([reason, count]) => ({ state: 'suppressed' as const, reason: reasonLabel(reason), count }))
    .toSorted((a, b) => b.count - a.count);
  return { recipients, shown, suppressed, deliveries };
}
