import type { UnitWebhook } from '../../reminders/unit-webhook.query.js';
import { WEBHOOK_FORMAT_LABELS, WEBHOOK_FORMATS } from '../../reminders/webhook.js';
import { formatMoment } from '../template-helpers.js';
import { actorLabel } from './staff.view.js';

/** What has just been done, or refused. */
export interface ChatPageAbout {
  readonly tested?: boolean;
  readonly refusedTest?: string;
  readonly refusedSetting?: string;
  readonly typed?: { readonly unit: string; readonly format: string };
}

export interface ChatPageView {
  readonly tested: boolean;
  readonly refusedTest: string;
  readonly refusedSetting: string;
  readonly unit: string;
  /** False where whoever runs the service has named no host: then nothing can be registered. */
  readonly possible: boolean;
  readonly hosts: string;
  readonly formats: readonly { readonly value: string; readonly label: string; readonly checked: boolean }[];
  readonly units: readonly {
    readonly code: string;
    readonly name: string;
    readonly format: string;
    readonly host: string;
    /** Its host is not allowed any more: nothing is sent there. */
    readonly refused: boolean;
    readonly since: string;
  }[];
}

export function toChatPageView(
  webhooks: readonly UnitWebhook[],
  hosts: readonly string[],
  { tested = false, refusedTest = '', refusedSetting = '', typed }: ChatPageAbout = {},
): ChatPageView {
  return {
    tested,
    refusedTest,
    refusedSetting,
    unit: typed?.unit ?? '',
    possible: hosts.length > 0,
    hosts: hosts.join('、'),
    formats: WEBHOOK_FORMATS.map((value) => ({
      value,
      label: WEBHOOK_FORMAT_LABELS[value],
      checked: value === (WEBHOOK_FORMATS.find((format) => format === typed?.format) ?? WEBHOOK_FORMATS[0]),
    })),
    units: webhooks.map(({ unitCode, unitName, format, host, recordedAt, recordedBy }) => ({
      code: unitCode,
      name: unitName,
      format: WEBHOOK_FORMAT_LABELS[format],
      host,
      refused: !hosts.includes(host),
      since: `${formatMoment(recordedAt.toISOString())}、${actorLabel(recordedBy, null)}`,
    })),
  };
}
