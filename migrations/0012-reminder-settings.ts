import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which reminder policies are on, and when and how often anybody is written to, beside the one switch there was. */
export class ReminderSettings0000000000012 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(SQL);
  }

  async down(): Promise<void> {
    throw new Error('facts are not undone: restore a backup instead');
  }
}

const SQL = /* sql */ `
ALTER TABLE app_setting
  DROP CONSTRAINT app_setting_name_check,
  ADD CONSTRAINT app_setting_name_check CHECK
    (name IN ('managers_see_names', 'reminder_rules') OR name ~ '^policy:[a-z]+(-[a-z]+)*$');
COMMENT ON TABLE app_setting IS 'decisions of the city; of one name the newest row holds, and where there is none what the program proposes';
`;
