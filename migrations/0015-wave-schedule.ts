import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Waves that begin by themselves: each day of a policy is dealt with once, whatever runs how often. */
export class WaveSchedule0000000000015 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(SQL);
  }

  async down(): Promise<void> {
    throw new Error('facts are not undone: restore a backup instead');
  }
}

const SQL = /* sql */ `
CREATE TABLE scheduled_wave (
  policy text NOT NULL,
  regular_on date NOT NULL,
  wave_id bigint REFERENCES wave(id),
  handled_at timestamptz NOT NULL,
  PRIMARY KEY (policy, regular_on)
);
COMMENT ON TABLE scheduled_wave IS 'the days of policies that have been dealt with, by the day that the calendar gives';
COMMENT ON COLUMN scheduled_wave.wave_id IS 'NULL where there was nobody to write to, or a later wave spoke for it';

CREATE TABLE scheduler_watch (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  since timestamptz NOT NULL,
  last timestamptz NOT NULL
);
COMMENT ON TABLE scheduler_watch IS 'from when to when somebody has looked without a gap which waves are due';

ALTER TABLE wave ADD COLUMN in_office_hours boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN wave.in_office_hours IS 'began by itself: leaves only when standing rules may';
`;
