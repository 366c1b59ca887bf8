import { Inject, Injectable } from '@nestjs/common';
import * as oidc from 'openid-client';
import { DataSource } from 'typeorm';
import { Clock } from '../platform/clock.js';
import type { Config, OidcConfig } from '../platform/config.js';
import { AppError } from '../platform/errors.js';
import { loggable, type Logger } from '../platform/logging.js';
import { CONFIG, LOGGER } from '../platform/tokens.js';
import { hashOfSecret } from './secret.js';
import { PROVIDER_SIGN_IN_MS } from './session-limits.js';

export const CALLBACK_PATH = '/sign-in/oidc/callback';
const PROVIDER_TIMEOUT_SECONDS = 5;

export interface Leaving {
  /** Where to send the browser. */
  readonly url: string;
  /** To be kept by the browser, so that nobody else can come back in its place. */
  readonly state: string;
}

export interface ProviderIdentity {
  readonly issuer: string;
  readonly subject: string;
  readonly claims: Readonly<Record<string, unknown>>;
  readonly next: string;
}

/**
 * OpenID Connect with the city's identity provider (Entra ID, Keycloak): authorization code with PKCE, state and nonce.
 * The provider is asked for its description at the first sign-in, never at the start: a closed network may have it down.
 */
@Injectable()
export class IdentityProvider {
  private client: Promise<oidc.Configuration> | undefined;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly db: DataSource,
    private readonly clock: Clock,
  ) {}

  get configured(): boolean {
    return this.config.oidc !== undefined;
  }

  /** Throws `identity_provider_unavailable`, `identity_provider_not_configured`. */
  async leave(next: string): Promise<Leaving> {
    const client = await this.discovered();
    const state = oidc.randomState();
    const nonce = oidc.randomNonce();
    const verifier = oidc.randomPKCECodeVerifier();
    const url = oidc.buildAuthorizationUrl(client, {
      redirect_uri: this.callbackUrl,
      scope: 'openid profile email',
      state,
      nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    });
    const now = this.clock.now();
    await this.db.query('DELETE FROM provider_sign_in WHERE started_at <= $1', [this.expiry(now)]);
    await this.db.query(
      `INSERT INTO provider_sign_in (state_hash, nonce, code_verifier, next_path, started_at) VALUES ($1, $2, $3, $4, $5)`,
      [hashOfSecret(state), nonce, verifier, next, now],
    );
    return { url: url.href, state };
  }

  /**
   * Who came back, from the address the provider sent the browser to and the state the browser kept. Each sign-in can
   * be finished once. Throws `provider_sign_in_failed`, `identity_provider_unavailable`.
   */
  async comeBack(path: string, keptState: string | undefined): Promise<ProviderIdentity> {
    const client = await this.discovered();
    const [[started]] = keptState
      ? await this.db.query<[{ nonce: string; code_verifier: string; next_path: string }[], number]>(
          `DELETE FROM provider_sign_in WHERE state_hash = $1 AND started_at > $2
           RETURNING nonce, code_verifier, next_path`,
          [hashOfSecret(keptState), this.expiry(this.clock.now())],
        )
      : [[]];
    if (!started) throw failed();
    try {
      const url = new URL(this.config.baseUrl + path);
      const tokens = await oidc.authorizationCodeGrant(client, url, {
        pkceCodeVerifier: started.code_verifier,
        expectedState: keptState,
        expectedNonce: started.nonce,
        idTokenExpected: true,
      });
      const claims = tokens.claims()!;
      return { issuer: claims.iss, subject: claims.sub, claims, next: started.next_path };
    } catch (error) {
      if (isUnreachable(error)) throw this.unavailable(error);
      this.logger.warn({ err: describe(error) }, 'sign-in with the identity provider failed');
      throw failed();
    }
  }

  /** Where the session at the provider can be ended too; null where it offers no such page. */
  async signOutUrl(): Promise<string | null> {
    const client = await this.discovered();
    if (!client.serverMetadata().end_session_endpoint) return null;
    return oidc.buildEndSessionUrl(client, {
      post_logout_redirect_uri: `${this.config.baseUrl}/sign-in`,
      client_id: client.clientMetadata().client_id,
    }).href;
  }

  private get callbackUrl(): string {
    return this.config.baseUrl + CALLBACK_PATH;
  }

  private expiry(now: Date): Date {
    return new Date(now.getTime() - PROVIDER_SIGN_IN_MS);
  }

  /** A failure is not kept: the next sign-in asks again. */
  private async discovered(): Promise<oidc.Configuration> {
    const settings = this.config.oidc;
    if (!settings) {
      throw new AppError(
        'identity_provider_not_configured',
        'not_found',
        '庁内の認証基盤でのログインは設定されていません。アカウント名とパスワードでログインしてください。',
      );
    }
    this.client ??= discover(settings);
    try {
      return await this.client;
    } catch (error) {
      this.client = undefined;
      throw this.unavailable(error);
    }
  }

  private unavailable(error: unknown): AppError {
    this.logger.warn({ err: describe(error) }, 'the identity provider does not answer');
    return new AppError(
      'identity_provider_unavailable',
      'unavailable',
      '庁内の認証基盤が応答しないため、いまはログインできません。しばらくしてからもう一度お試しください。続くときは情報システム課にお知らせください。',
    );
  }
}

function discover({ issuer, clientId, clientSecret }: OidcConfig): Promise<oidc.Configuration> {
  return oidc.discovery(new URL(issuer), clientId, clientSecret, undefined, {
    timeout: PROVIDER_TIMEOUT_SECONDS,
    // The configuration takes http for this machine alone.
    execute: issuer.startsWith('http:') ? [oidc.allowInsecureRequests] : [],
  });
}

/** Whether the provider could not be asked, in contrast to its having said no. */
function isUnreachable(error: unknown): boolean {
  const { name, code } = error as { name?: string; code?: string };
  return (
    name === 'TimeoutError' ||
    name === 'TypeError' ||
    code === 'OAUTH_TIMEOUT' ||
    code === 'OAUTH_RESPONSE_IS_NOT_CONFORM'
  );
}

/** The library's errors carry whole responses, in which there may be tokens. */
function describe(error: unknown): object {
  const { code, error: said } = error as { code?: string; error?: string };
  const { type, message } = loggable(error);
  return { type, message, code, said };
}

function failed(): AppError {
  return new AppError(
    'provider_sign_in_failed',
    'unauthenticated',
    '庁内の認証基盤でのログインを完了できませんでした。もう一度はじめからログインしてください。',
  );
}
