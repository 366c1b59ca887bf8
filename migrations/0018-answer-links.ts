import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The keys that sign the links by which people answer. */
export class AnswerLinks0000000000018 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(SQL);
  }

  async down(): Promise<void> {
    throw new Error('facts are not undone: restore a backup instead');
  }
}

const SQL = /* sql */ `
CREATE TABLE answer_key (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY CHECK (id < 65536),
  secret bytea NOT NULL CHECK (length(secret) = 32),
  made_at timestamptz NOT NULL,
  made_by text NOT NULL
);
COMMENT ON TABLE answer_key IS 'sign the links by which people answer; only the newest one holds';
-- A key that is taken away would bring the retired one before it back.
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON answer_key FOR EACH ROW EXECUTE FUNCTION forbid_rewrite();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON answer_key EXECUTE FUNCTION forbid_rewrite();
`;
