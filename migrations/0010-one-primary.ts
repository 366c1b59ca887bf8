import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Nobody has two primary places on one day: checked once for all rows of a statement, where the exclusion constraint
 * searched its index for each of them and took most of the time of a reshuffle.
 */
export class OnePrimary0000000000010 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE assignment DROP CONSTRAINT assignment_one_primary;

      CREATE FUNCTION one_primary_a_day() RETURNS trigger LANGUAGE plpgsql SET plan_cache_mode = force_custom_plan AS $$
      BEGIN
        -- Of two transactions that place people the second waits, and then sees what the first has written.
        PERFORM pg_advisory_xact_lock(7120319, 3);
        IF EXISTS (
          SELECT FROM added n JOIN assignment a ON a.staff_id = n.staff_id AND a.id <> n.id AND a.is_primary
            AND a.superseded_at IS NULL AND a.valid_from < n.valid_to AND n.valid_from < a.valid_to
          WHERE n.is_primary AND n.superseded_at IS NULL)
        THEN
          RAISE EXCEPTION 'two primary assignments of one person overlap: assignment_one_primary'
            USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'assignment_one_primary', TABLE = 'assignment';
        END IF;
        RETURN NULL;
      END $$;

      CREATE TRIGGER one_primary_a_day AFTER INSERT ON assignment REFERENCING NEW TABLE AS added
        FOR EACH STATEMENT EXECUTE FUNCTION one_primary_a_day();
      COMMENT ON TRIGGER one_primary_a_day ON assignment IS 'rows are only added and superseded, so what is added is all there is to look at';
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TRIGGER one_primary_a_day ON assignment;
      DROP FUNCTION one_primary_a_day;
      ALTER TABLE assignment ADD CONSTRAINT assignment_one_primary
        EXCLUDE USING gist (staff_id WITH =, daterange(valid_from, valid_to) WITH &&) WHERE (is_primary AND superseded_at IS NULL);
    `);
  }
}
