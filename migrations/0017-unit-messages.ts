import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which units a message speaks of, so that a policy does not speak of them too often, and chat rooms of units. */
export class UnitMessages0000000000017 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(SQL);
  }

  async down(): Promise<void> {
    throw new Error('facts are not undone: restore a backup instead');
  }
}

const SQL = /* sql */ `
ALTER TABLE delivery ADD COLUMN about_units integer[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN delivery.about_units IS 'the units it speaks of, where it speaks of units';

ALTER TABLE app_setting
  DROP CONSTRAINT app_setting_name_check,
  ADD CONSTRAINT app_setting_name_check CHECK
    (name IN ('managers_see_names', 'reminder_rules') OR name ~ '^policy(-channel)?:[a-z]+(-[a-z]+)*$');

CREATE TABLE unit_webhook (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  unit_id integer NOT NULL REFERENCES unit,
  format text NOT NULL CHECK (format IN ('text', 'teams')),
  host text NOT NULL,
  url text,
  recorded_at timestamptz NOT NULL,
  recorded_by text NOT NULL,
  ended_at timestamptz,
  ended_by text,
  CONSTRAINT unit_webhook_secret_goes CHECK ((url IS NULL) = (ended_at IS NOT NULL))
);
CREATE UNIQUE INDEX unit_webhook_current ON unit_webhook (unit_id) WHERE ended_at IS NULL;
COMMENT ON TABLE unit_webhook IS 'where messages to the chat rooms of units go';
COMMENT ON COLUMN unit_webhook.url IS 'whoever knows it can write into the room: kept only while it is in force';
`;
