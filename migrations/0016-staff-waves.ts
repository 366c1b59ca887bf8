import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Waves that speak to persons: what was sent to one is found, and who was considered stays with the wave. */
export class StaffWaves0000000000016 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(SQL);
  }

  async down(): Promise<void> {
    throw new Error('facts are not undone: restore a backup instead');
  }
}

const SQL = /* sql */ `
ALTER TABLE wave ADD COLUMN audience jsonb NOT NULL DEFAULT '{"considered": [], "outside": []}';
COMMENT ON COLUMN wave.audience IS 'among whom its audience was found when it was planned, and who was not in it, as counts';

-- Limits are asked for everybody of a wave: what each was sent before.
CREATE INDEX delivery_staff ON delivery (staff_id) WHERE staff_id IS NOT NULL;
`;
