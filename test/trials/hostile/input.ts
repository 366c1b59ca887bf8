/** Who sends it; the target knows the cookies and tokens that go with it. */
export const ACTORS = [
  'hr',
  'hr of 11',
  'manager',
  'leader',
  'auditor',
  'admin',
  'newcomer',
  'reading token',
  'writing token',
  'nobody',
] as const;
export type Actor = (typeof ACTORS)[number];

interface Common {
  /** What it is, in a few words without any of its values: printed when it finds a fault. */
  readonly about: string;
  /** Valid individual numbers that stand somewhere in it. */
  readonly numbers: readonly string[];
  /** One of them stands where the product reads: taking the input would be a fault. */
  readonly mustRefuse: boolean;
}

export interface HttpInput extends Common {
  readonly door: 'http' | 'file';
  readonly method: string;
  /** Encoded; `{import}` stands for the id of the newest preview. */
  readonly url: string;
  readonly actor: Actor;
  readonly csrf: 'own' | 'none' | 'wrong';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer;
  /** Route of an import's preview, whose answer is a report and no refusal. */
  readonly preview?: boolean;
}

export interface SocketInput extends Common {
  readonly door: 'socket';
  /** Sent one after the other. */
  readonly pieces: readonly Buffer[];
  /** Closes its side at once instead of waiting for an answer. */
  readonly hangsUp: boolean;
}

export interface CommandInput extends Common {
  readonly door: 'command';
  readonly args: readonly string[];
  /** In a process of its own, as an operator starts it. */
  readonly apart: boolean;
}

export interface ConfigInput extends Common {
  readonly door: 'config';
  readonly env: Readonly<Record<string, string>>;
}

export type Input = HttpInput | SocketInput | CommandInput | ConfigInput;
export type Door = Input['door'];
