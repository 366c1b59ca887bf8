import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What a reorganisation said, besides the rows it wrote: a roster or a list of units of an earlier day that comes after
 * it must not undo it, and whoever joins a unit until then goes where that unit goes.
 */
export class Reorganisation0000000000009 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(SQL);
  }

  async down(): Promise<void> {
    throw new Error('facts are not undone: restore a backup instead');
  }
}

const SQL = /* sql */ `
CREATE TABLE unit_change (
  import_id bigint NOT NULL REFERENCES import_batch,
  on_day date NOT NULL,
  unit_id integer NOT NULL REFERENCES unit,
  change text NOT NULL CHECK (change IN ('created', 'changed', 'closed')),
  name text,
  parent_id integer REFERENCES unit,
  kind text,
  email text,
  manager_id integer REFERENCES staff,
  superseded_at timestamptz,
  PRIMARY KEY (import_id, unit_id)
);
COMMENT ON TABLE unit_change IS 'units a reorganisation speaks about; of a changed one what it sets, NULL for what stays';
CREATE INDEX unit_change_unit ON unit_change (unit_id, on_day) WHERE superseded_at IS NULL;

CREATE TABLE unit_succession (
  import_id bigint NOT NULL REFERENCES import_batch,
  on_day date NOT NULL,
  unit_id integer NOT NULL REFERENCES unit,
  staff_id integer REFERENCES staff,
  successor_id integer REFERENCES unit,
  keeps_managers boolean NOT NULL,
  superseded_at timestamptz,
  UNIQUE NULLS NOT DISTINCT (import_id, unit_id, staff_id)
);
COMMENT ON TABLE unit_succession IS 'where those who are in a unit go from a day on: everybody, or the one person named; nowhere from an abolished unit';

DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['unit_change', 'unit_succession'] LOOP
    EXECUTE format('CREATE TRIGGER superseding AFTER UPDATE ON %I FOR EACH ROW EXECUTE FUNCTION allow_superseding_once()', t);
    EXECUTE format('CREATE TRIGGER no_delete BEFORE DELETE ON %I FOR EACH ROW EXECUTE FUNCTION forbid_rewrite()', t);
    EXECUTE format('CREATE TRIGGER no_truncate BEFORE TRUNCATE ON %I EXECUTE FUNCTION forbid_rewrite()', t);
  END LOOP;
END $$;
`;
