import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What each audience outside HR may see of a closed month, and which months are released to everybody. Append-only. */
export class Publication0000000000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(SQL);
  }

  async down(): Promise<void> {
    throw new Error('facts are not undone: restore a backup instead');
  }
}

const SQL = /* sql */ `
CREATE TABLE month_publication (
  month text NOT NULL,
  version integer NOT NULL,
  audience text NOT NULL CHECK (audience IN ('leadership', 'public')),
  lines jsonb NOT NULL,
  hidden text[] NOT NULL,
  PRIMARY KEY (month, version, audience),
  FOREIGN KEY (month, version) REFERENCES month_close
);
COMMENT ON TABLE month_publication IS 'figures for readers outside HR: shown lines, and the groups that appear in sums only';

CREATE TABLE month_release (
  month text NOT NULL,
  version integer NOT NULL,
  released_at timestamptz NOT NULL,
  released_by text NOT NULL,
  PRIMARY KEY (month, version),
  FOREIGN KEY (month, version) REFERENCES month_close
);
COMMENT ON TABLE month_release IS 'closed months that everybody may read as open data';

DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['month_publication', 'month_release'] LOOP
    EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION forbid_rewrite()', t);
    EXECUTE format('CREATE TRIGGER no_truncate BEFORE TRUNCATE ON %I EXECUTE FUNCTION forbid_rewrite()', t);
  END LOOP;
END $$;
`;
