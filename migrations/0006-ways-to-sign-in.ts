import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Personal tokens for programs, and sign-ins that are under way at the identity provider. */
export class WaysToSignIn0000000000006 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(SQL);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE provider_sign_in, api_token');
  }
}

const SQL = /* sql */ `
CREATE TABLE api_token (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id integer NOT NULL REFERENCES app_user,
  name text NOT NULL CHECK (name <> ''),
  token_hash bytea NOT NULL UNIQUE,
  access text NOT NULL CHECK (access IN ('read', 'write')),
  role text CHECK (role IN ('hr', 'manager', 'leader', 'auditor', 'admin')),
  unit_id integer REFERENCES unit,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL CHECK (expires_at <= created_at + interval '366 days'),
  last_used_at timestamptz,
  revoked_at timestamptz
);
CREATE INDEX api_token_user ON api_token (user_id);
COMMENT ON COLUMN api_token.role IS 'the only role of the account that the token carries; NULL: all of them';
COMMENT ON COLUMN api_token.unit_id IS 'the only unit it carries them for; NULL: all of them';

CREATE TABLE provider_sign_in (
  state_hash bytea PRIMARY KEY,
  nonce text NOT NULL,
  code_verifier text NOT NULL,
  next_path text NOT NULL,
  started_at timestamptz NOT NULL
);
COMMENT ON TABLE provider_sign_in IS 'one row from leaving for the identity provider until coming back, ten minutes at most';
`;
