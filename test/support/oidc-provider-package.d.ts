/** As much of the package as the tests use: it brings no types of its own. */
declare module 'oidc-provider' {
  export class Provider {
    constructor(
      issuer: string,
      configuration: {
        readonly findAccount: (
          context: unknown,
          subject: string,
        ) => { accountId: string; claims: () => object };
        readonly [setting: string]: unknown;
      },
    );
    callback(): (request: unknown, response: unknown) => Promise<void>;
  }
}
