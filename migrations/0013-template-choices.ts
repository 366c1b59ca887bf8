import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which version of a message's template the city uses: each choice stays on record with its author and reason. */
export class TemplateChoices0000000000013 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(SQL);
  }

  async down(): Promise<void> {
    throw new Error('facts are not undone: restore a backup instead');
  }
}

const SQL = /* sql */ `
CREATE TABLE message_template_choice (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL,
  version integer NOT NULL,
  shipped boolean NOT NULL,
  reason text NOT NULL CHECK (reason <> ''),
  recorded_at timestamptz NOT NULL,
  recorded_by text NOT NULL,
  FOREIGN KEY (name, version) REFERENCES message_template (name, version)
);
COMMENT ON TABLE message_template_choice IS 'the newest of a name holds; without one the text that ships is used';
COMMENT ON COLUMN message_template_choice.shipped IS 'true where the choice was the text that ships: a later release may bring a newer one';
CREATE INDEX message_template_choice_newest ON message_template_choice (name, id DESC);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON message_template_choice FOR EACH ROW EXECUTE FUNCTION forbid_rewrite();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON message_template_choice EXECUTE FUNCTION forbid_rewrite();
`;
