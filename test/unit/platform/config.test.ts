import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { ConfigError, readConfig } from '../../../src/platform/config.js';

const OIDC = { OIDC_ISSUER: 'https://idp.example.jp', OIDC_CLIENT_ID: 'x', OIDC_CLIENT_SECRET: 'y' };

describe('bad configuration names its variable in one line', () => {
  test.each([
    ['PORT', { PORT: 'http' }],
    ['PORT', { PORT: '70000' }],
    ['PORT', { PORT: '1e3' }],
    ['HOST', { HOST: 'http://localhost' }],
    ['BASE_URL', { BASE_URL: 'card.example.jp' }],
    ['BASE_URL', { BASE_URL: 'ftp://card.example.jp' }],
    ['DATABASE_URL', { DATABASE_URL: 'mysql://localhost/x' }],
    ['DATABASE_URL', { DATABASE_URL: 'localhost' }],
    ['DATABASE_REPLICA_URLS', { DATABASE_REPLICA_URLS: 'postgres://one/x,two' }],
    ['DATA_DIR', { DATA_DIR: join(import.meta.dirname, 'config.test.ts') }],
    ['SMTP_URL', { SMTP_URL: 'mail.example.jp', MAIL_FROM: 'a@example.jp' }],
    ['MAIL_FROM', { SMTP_URL: 'smtp://mail.example.jp' }],
    ['MAIL_FROM', { MAIL_FROM: '人事課' }],
    ['MAIL_FROM', { MAIL_FROM: 'a@example.jp, b@example.jp' }],
    ['OIDC_ISSUER', { OIDC_ISSUER: 'idp', OIDC_CLIENT_ID: 'x', OIDC_CLIENT_SECRET: 'y' }],
    ['OIDC_CLIENT_SECRET', { OIDC_ISSUER: 'https://idp.example.jp', OIDC_CLIENT_ID: 'x' }],
    ['OIDC_ISSUER', { OIDC_CLIENT_ID: 'x' }],
    ['OIDC_ISSUER', { OIDC_ISSUER: 'http://idp.example.jp', OIDC_CLIENT_ID: 'x', OIDC_CLIENT_SECRET: 'y' }],
    ['OIDC_ROLE_MAPPING', { ...OIDC, OIDC_ROLE_CLAIM: 'groups' }],
    ['OIDC_ROLE_CLAIM', { ...OIDC, OIDC_ROLE_MAPPING: 'jinji=hr' }],
    ['OIDC_ROLE_MAPPING', { ...OIDC, OIDC_ROLE_CLAIM: 'groups', OIDC_ROLE_MAPPING: 'jinji=boss' }],
    ['OIDC_ROLE_MAPPING', { ...OIDC, OIDC_ROLE_CLAIM: 'groups', OIDC_ROLE_MAPPING: 'jinji=admin@0101' }],
    ['TRUST_PROXY', { TRUST_PROXY: 'true' }],
    ['TRUST_PROXY', { TRUST_PROXY: '10.0.0.0/33' }],
    ['NOW', { NOW: '2022-12-05' }],
    ['NOW', { NOW: '2022-12-05T09:00:00+09:00', NODE_ENV: 'production' }],
    ['LOG_LEVEL', { LOG_LEVEL: 'loud' }],
  ])('%s: %j', (variable, env) => {
    expect(() => readConfig(env)).toThrow(ConfigError);
    expect(() => readConfig(env)).toThrow(new RegExp(`^${variable}: [^\\n]+$`));
  });
});

test('a secret in a bad address is not repeated', () => {
  expect(() => readConfig({ DATABASE_URL: 'postgres//user:himitsu@db/x' })).toThrow(
    expect.objectContaining({ message: expect.not.stringContaining('himitsu') }),
  );
});

test('good configuration is taken as it stands', () => {
  expect(
    readConfig({
      DATABASE_URL: 'postgresql:///tracker?host=/run/postgresql',
      PORT: '8080',
      HOST: '::1',
      BASE_URL: 'https://card.example.jp/',
      SMTP_URL: 'smtps://user:pass@mail.example.jp:465',
      MAIL_FROM: '人事課 <jinji@example.jp>',
      NOW: '2022-12-05T09:00:00+09:00',
    }),
  ).toMatchObject({
    port: 8080,
    host: '::1',
    baseUrl: 'https://card.example.jp',
    now: new Date('2022-12-05T00:00:00Z'),
  });
});

test('hosts of chat webhooks are read as a URL writes them', () => {
  const hosts = (CHAT_WEBHOOK_HOSTS?: string) => readConfig({ CHAT_WEBHOOK_HOSTS }).chatWebhookHosts;
  expect(hosts()).toEqual([]);
  expect(hosts('Hooks.Slack.com, chat.example.jp:8443,chat.example.jp:443 ,')).toEqual([
    'hooks.slack.com',
    'chat.example.jp:8443',
    'chat.example.jp',
  ]);
  for (const bad of [
    'https://chat.example.jp',
    'chat.example.jp/hooks',
    '*.example.jp',
    'a b',
    'x:99999',
    'a@b',
  ])
    expect(() => hosts(bad)).toThrow(/^CHAT_WEBHOOK_HOSTS: /);
});

test('roles of the identity provider are mapped by value, to a unit where one is named', () => {
  const { oidc } = readConfig({
    ...OIDC,
    OIDC_ROLE_CLAIM: 'realm_access.roles',
    OIDC_ROLE_MAPPING: 'jinji=hr, byoin=hr@0900',
  });
  expect(oidc).toMatchObject({
    roleClaim: 'realm_access.roles',
    roleMapping: [
      { value: 'jinji', role: 'hr' },
      { value: 'byoin', role: 'hr', unitCode: '0900' },
    ],
  });
});
