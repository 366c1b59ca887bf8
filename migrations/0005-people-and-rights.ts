import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Accounts that follow the roster or an identity provider, grants with a history, and settings. */
export class PeopleAndRights0000000000005 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(SQL);
  }

  async down(): Promise<void> {
    throw new Error('who had which right is not undone: restore a backup instead');
  }
}

const SQL = /* sql */ `
ALTER TABLE app_user
  ADD COLUMN staff_number text UNIQUE CHECK (staff_number <> ''),
  ADD COLUMN password_expires_at timestamptz,
  ADD COLUMN oidc_issuer text,
  ADD COLUMN oidc_subject text,
  ALTER COLUMN password_hash DROP NOT NULL,
  ADD CONSTRAINT app_user_identity CHECK ((oidc_issuer IS NULL) = (oidc_subject IS NULL)),
  ADD CONSTRAINT app_user_oidc UNIQUE (oidc_issuer, oidc_subject);
COMMENT ON COLUMN app_user.staff_number IS 'whose account this is; where the roster names that person as manager, the account manages';
COMMENT ON COLUMN app_user.password_hash IS 'NULL: signs in with the identity provider only';
COMMENT ON COLUMN app_user.password_expires_at IS 'of a one-time password; NULL once the person has chosen one';

ALTER TABLE app_grant
  ADD COLUMN source text NOT NULL DEFAULT 'manual' CHECK (source IN ('manual', 'provider')),
  ADD COLUMN granted_by text NOT NULL DEFAULT 'system',
  ADD COLUMN revoked_at timestamptz,
  ADD COLUMN revoked_by text,
  ADD CONSTRAINT app_grant_revoked CHECK ((revoked_at IS NULL) = (revoked_by IS NULL));
COMMENT ON COLUMN app_grant.source IS 'provider: follows what the identity provider says at each sign-in';
COMMENT ON COLUMN app_grant.revoked_at IS 'from then on without effect, whatever the days say';

CREATE INDEX unit_period_manager ON unit_period (manager_id) WHERE superseded_at IS NULL AND manager_id IS NOT NULL;

-- Who manages which unit on a day: whom the roster marks, else whom the list of units names and who has not left.
CREATE FUNCTION unit_manager_on(on_day date)
RETURNS TABLE (unit_id integer, staff_id integer, is_primary boolean) LANGUAGE sql STABLE AS $$
  SELECT a.unit_id, a.staff_id, a.is_primary
  FROM assignment a
  WHERE a.is_manager AND a.superseded_at IS NULL AND a.valid_from <= on_day AND on_day < a.valid_to
  UNION ALL
  SELECT p.unit_id, p.manager_id, false
  FROM unit_period p
  WHERE p.manager_id IS NOT NULL AND p.superseded_at IS NULL AND p.valid_from <= on_day AND on_day < p.valid_to
    AND NOT EXISTS (SELECT FROM assignment m WHERE m.unit_id = p.unit_id AND m.is_manager AND m.superseded_at IS NULL
                      AND m.valid_from <= on_day AND on_day < m.valid_to)
    AND EXISTS (SELECT FROM assignment w WHERE w.staff_id = p.manager_id AND w.is_primary AND w.superseded_at IS NULL
                  AND w.valid_from <= on_day AND on_day < w.valid_to)
$$;

CREATE TABLE app_setting (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL CHECK (name IN ('managers_see_names')),
  value jsonb NOT NULL,
  recorded_at timestamptz NOT NULL,
  recorded_by text NOT NULL
);
COMMENT ON TABLE app_setting IS 'switches of the city; of one name the newest row holds';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON app_setting FOR EACH ROW EXECUTE FUNCTION forbid_rewrite();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON app_setting EXECUTE FUNCTION forbid_rewrite();
`;
