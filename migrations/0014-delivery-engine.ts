import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Waves that can be stopped and go on, and deliveries that any number of processes send at the same time: each is
 * marked with the worker that has it, waits for its next attempt, and can come back.
 */
export class DeliveryEngine0000000000014 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(SQL);
  }

  async down(): Promise<void> {
    throw new Error('facts are not undone: restore a backup instead');
  }
}

const SQL = /* sql */ `
ALTER TABLE wave
  DROP CONSTRAINT wave_state_check,
  ADD CONSTRAINT wave_state_check
    CHECK (state IN ('planned', 'awaiting', 'sending', 'paused', 'finished', 'cancelled')),
  ADD COLUMN note text NOT NULL DEFAULT '',
  ADD COLUMN active_at timestamptz;
COMMENT ON COLUMN wave.note IS 'why it waits: a code of ours, or the words of a mail server';
COMMENT ON COLUMN wave.active_at IS 'when it was last worked on: one that lay still for a day asks before it goes on';

ALTER TABLE delivery
  DROP CONSTRAINT delivery_state_check,
  ADD CONSTRAINT delivery_state_check
    CHECK (state IN ('queued', 'sending', 'sent', 'failed', 'bounced', 'unknown', 'suppressed')),
  ADD COLUMN personal boolean NOT NULL DEFAULT false,
  ADD COLUMN attempts smallint NOT NULL DEFAULT 0,
  ADD COLUMN next_attempt_at timestamptz,
  ADD COLUMN worker text;
COMMENT ON COLUMN delivery.personal IS 'about the card of staff_id: not sent once the reason is gone';
COMMENT ON COLUMN delivery.attempts IS 'how often it was deferred';
COMMENT ON COLUMN delivery.worker IS 'who sends it now';

-- Every message changes its state twice. Without an index on the state, and with room on the page, no index is touched.
DROP INDEX delivery_open;
ALTER TABLE delivery SET (fillfactor = 70);

-- What an older version left in the middle is not sent unasked after an upgrade.
UPDATE wave SET state = 'awaiting', note = 'overdue' WHERE state <> 'finished';

CREATE TABLE delivery_worker (
  id text PRIMARY KEY,
  seen_at timestamptz NOT NULL
);
COMMENT ON TABLE delivery_worker IS 'processes that send, by their sign of life';

CREATE TABLE mail_budget (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  day date NOT NULL,
  used integer NOT NULL,
  free_at timestamptz NOT NULL
);
COMMENT ON TABLE mail_budget IS 'what all processes together have sent on a day, and when the next message may leave';
`;
