import { Injectable } from '@nestjs/common';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** How long the engine waits for what, in milliseconds of the machine. Trials make it live faster. */
@Injectable()
export class DeliveryPace {
  /** How often a worker gives a sign of life and looks after what others have left behind. */
  heartbeat = 3 * SECOND;
  /** A worker that has not been heard of for so long is dead. */
  deadAfter = 15 * SECOND;
  /** Between the attempts at a message that was deferred. After the last of them it has failed: seven hours and a half. */
  deferred: readonly number[] = [MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR];
  /** Between the attempts to reach a mail server. After the last of them the wave pauses: about seven hours. */
  trouble: readonly number[] = [
    5 * SECOND,
    15 * SECOND,
    MINUTE,
    5 * MINUTE,
    15 * MINUTE,
    30 * MINUTE,
    HOUR,
    2 * HOUR,
    4 * HOUR,
  ];
  /** After a message that could not leave. */
  breath = 200;
}
