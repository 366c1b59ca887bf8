import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export const CLIENT_ID = 'staff-card-tracker';
export const CLIENT_SECRET = 'only-for-this-test-run';

export interface TestProvider {
  readonly issuer: string;
  /** What the provider says of a person: claims by subject. Change it between sign-ins. */
  readonly people: Map<string, Record<string, unknown>>;
  close(): Promise<void>;
}

/**
 * A real OpenID Connect provider on this machine, as a city's Entra ID or Keycloak would be: it asks for a sign-in, for
 * which its own development pages take any password, and demands PKCE.
 */
export async function startProvider(redirectUri: string, port = 0): Promise<TestProvider> {
  const people = new Map<string, Record<string, unknown>>();
  let handle: ((...args: never[]) => unknown) | undefined;
  const { createServer } = await import('node:http');
  const server: Server = createServer((request, response) => handle!(request as never, response as never));
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = await quietly(async () => {
    const { Provider } = await import('oidc-provider');
    return new Provider(issuer, {
      clients: [
        {
          client_id: CLIENT_ID,
          client_secret: CLIENT_SECRET,
          redirect_uris: [redirectUri],
          post_logout_redirect_uris: [redirectUri.replace('/sign-in/oidc/callback', '/sign-in')],
        },
      ],
      pkce: { required: () => true },
      claims: { openid: ['sub'], profile: ['preferred_username', 'name', 'groups', 'employee_number'] },
      // As Entra ID and Keycloak do: the claims stand in the ID token itself.
      conformIdTokenClaims: false,
      ttl: { Interaction: 600, Session: 600, Grant: 600, AccessToken: 600, IdToken: 600 },
      features: { devInteractions: { enabled: true } },
      findAccount: (_context, subject) => ({
        accountId: subject,
        claims: () => ({ sub: subject, ...people.get(subject) }),
      }),
    });
  });
  handle = provider.callback();
  return {
    issuer,
    people,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The package reminds at length of what a provider in production would set otherwise. */
async function quietly<T>(make: () => Promise<T>): Promise<T> {
  const { info, warn } = console;
  console.info = console.warn = () => {};
  try {
    return await make();
  } finally {
    Object.assign(console, { info, warn });
  }
}

/** The browser's part at the provider: signs in as the subject, agrees, and answers the address it is sent back to. */
export async function signInAtProvider(start: string, subject: string, backTo: string): Promise<string> {
  const cookies = new Map<string, string>();
  let url = start;
  let body: URLSearchParams | undefined;
  for (let step = 0; step < 12; step++) {
    const answer = await fetch(url, {
      redirect: 'manual',
      method: body ? 'POST' : 'GET',
      body,
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
    });
    for (const line of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!;
      cookies.set(name!, value!);
    }
    const location = answer.headers.get('location');
    body = undefined;
    if (location) {
      url = new URL(location, url).href;
      if (url.startsWith(backTo)) return url;
      continue;
    }
    const page = await answer.text();
    const prompt = /name="prompt" value="(\w+)"/.exec(page)?.[1];
    if (!prompt) throw new Error(`the provider answered ${answer.status}`);
    body = new URLSearchParams(prompt === 'login' ? { prompt, login: subject, password: 'x' } : { prompt });
    url = new URL(/action="([^"]+)"/.exec(page)![1]!, url).href;
  }
  throw new Error('the provider never sent the browser back');
}
