/** Which channel a policy uses: what HR has chosen last, else what it ships with. */
import type { SettingService } from '../access/setting.service.js';
import type { Policy, PolicyChannel } from './policy.js';

export const POLICY_CHANNEL_LABELS: Record<PolicyChannel, string> = {
  mail: 'メール',
  chat: '所属のチャット',
};

export function channelSetting({ name }: Policy): string {
  return `policy-channel:${name}`;
}

export async function channelOf(settings: SettingService, policy: Policy): Promise<PolicyChannel> {
  if (!policy.mayChat) return policy.channel;
  return (await settings.versions<PolicyChannel>(channelSetting(policy)))[0]?.value ?? policy.channel;
}
