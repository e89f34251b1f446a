// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { setConfig } from '@/app/config';
import { APP, DOMAIN, giveTokens, lastLeft, offerProviders, stubPlace } from '@/test/hosted';
import { signOut, startSession, useSession } from '../session';
import { redirectToProvider } from './authorize';
import { openSession } from './openSession';
import { codeChallenge } from './pkce';

const replaceState = vi.fn();
const REFRESH = 'colloquy.refresh-token';

beforeEach(() => {
  offerProviders();
  vi.stubGlobal('history', { replaceState });
  vi.stubGlobal(
    'fetch',
    vi.fn(async () => Response.json({})),
  );
});

afterEach(() => {
  localStorage.clear();
  signOut();
  vi.unstubAllGlobals();
  vi.useRealTimers();
  replaceState.mockClear();
  sessionStorage.clear();
  useSession.setState({ state: 'starting', user: null, expired: false, failure: null });
});

/** Leaves for Google and says what the authorization server was told. */
async function left(from?: string) {
  const place = stubPlace('/sign-in');
  await redirectToProvider('Google', from);
  return lastLeft(place);
}

/** Leaves, and comes back with what `answer` makes of the state. */
async function comeBack(answer: (state: string) => string, from?: string) {
  const asked = (await left(from)).searchParams;
  stubPlace(`/?${answer(asked.get('state') ?? '')}`);
  return asked;
}

const failure = () => useSession.getState().failure;

describe('redirecting to a provider', () => {
  it('asks for a code with PKCE and skips the pool’s own page', async () => {
    const address = await left();
    expect(address.origin + address.pathname).toBe(`${DOMAIN}/oauth2/authorize`);
    expect(Object.fromEntries(address.searchParams)).toMatchObject({
      response_type: 'code',
      client_id: 'client-1',
      redirect_uri: APP,
      scope: 'openid email profile',
      code_challenge_method: 'S256',
      identity_provider: 'Google',
    });
  });

  it('stores the verifier and sends only its challenge', async () => {
    const address = await left();
    const kept = JSON.parse(Object.values({ ...sessionStorage })[0] ?? '{}');
    expect(address.href).not.toContain(kept.verifier);
    expect(address.searchParams.get('code_challenge')).toBe(await codeChallenge(kept.verifier));
    expect(localStorage).toHaveLength(0);
  });

  it('uses new random values for each attempt', async () => {
    const [one, two] = [(await left()).searchParams, (await left()).searchParams];
    for (const name of ['state', 'nonce', 'code_challenge'])
      expect(one.get(name)).not.toBe(two.get(name));
  });
});

describe('the callback of a provider', () => {
  it('exchanges the code, signs in and opens the page that the person wanted', async () => {
    const asked = await comeBack((state) => `code=c-1&state=${state}`, '/c/conv_1');
    const fetch = giveTokens(asked.get('nonce') ?? '');
    vi.stubGlobal('fetch', fetch);
    const arrived = openSession();
    expect(replaceState).toHaveBeenCalledWith(null, '', `${APP}/c/conv_1`);
    await arrived;
    const call = fetch.mock.calls[0];
    expect(String(call?.[0])).toBe(`${DOMAIN}/oauth2/token`);
    const { code_verifier = '', ...rest } = Object.fromEntries(call?.[1].body ?? []);
    expect(rest).toEqual({
      grant_type: 'authorization_code',
      client_id: 'client-1',
      redirect_uri: APP,
      code: 'c-1',
    });
    expect(await codeChallenge(code_verifier)).toBe(asked.get('code_challenge'));
    expect(useSession.getState()).toMatchObject({
      state: 'signed-in',
      user: { email: 'kim@example.com' },
      failure: null,
    });
  });

  it('stores the refresh token, but neither the ID token nor the verifier', async () => {
    const asked = await comeBack((state) => `code=c-1&state=${state}`);
    vi.stubGlobal('fetch', giveTokens(asked.get('nonce') ?? ''));
    await openSession();
    expect(localStorage.getItem(REFRESH)).toBe('"refresh-1"');
    expect(JSON.stringify({ ...localStorage })).not.toContain('access-1');
    expect(sessionStorage).toHaveLength(0);
  });

  it.each([
    ['another state', 'code=c-1&state=other'],
    ['a refusal with another state', 'error=access_denied&error_description=Call+us&state=other'],
  ])('believes nothing that has %s', async (_, answer) => {
    await comeBack(() => answer, '/c/conv_1');
    await openSession();
    expect(fetch).not.toHaveBeenCalled();
    expect(failure()).toEqual({ words: 'foreignSignIn', said: null });
    expect(replaceState).toHaveBeenCalledWith(null, '', `${APP}/`);
  });

  it('accepts a callback once', async () => {
    const asked = await comeBack((state) => `code=c-1&state=${state}`);
    vi.stubGlobal('fetch', giveTokens(asked.get('nonce') ?? ''));
    await openSession();
    await openSession();
    expect(fetch).toHaveBeenCalledTimes(2); // the code once; then the session's own refresh
    expect(failure()?.words).toBe('foreignSignIn');
  });

  it.each([
    ['access_denied', 'Nobody+agreed', 'providerDenied', null],
    ['server_error', '%3Cb%3Eboom', 'providerFailed', null],
    ['invalid_request', '', 'providerFailed', null],
    [
      'invalid_request',
      'PreSignUp+failed+with+error+Only+addresses+at+example.com+may+sign+up.',
      'unknown',
      'Only addresses at example.com may sign up.',
    ],
  ])('%s (%s) in words: %s', async (error, description, words, said) => {
    await comeBack((state) => `error=${error}&error_description=${description}&state=${state}`);
    await openSession();
    expect(failure()).toEqual({ words, said });
    expect(useSession.getState().state).toBe('signed-out');
  });

  it('refuses an ID token with another nonce', async () => {
    await comeBack((state) => `code=c-1&state=${state}`);
    vi.stubGlobal('fetch', giveTokens('another nonce'));
    await openSession();
    expect(failure()?.words).toBe('foreignSignIn');
    expect(localStorage.getItem(REFRESH)).toBeNull();
  });

  it.each([
    ['exchangeFailed', async () => Response.json({ error: 'invalid_grant' }, { status: 400 })],
    ['exchangeFailed', async () => Response.json({ access_token: 'a' })],
    ['exchangeFailed', async () => new Response('<html>')],
    ['offline', () => Promise.reject(new TypeError('Failed to fetch'))],
  ])('says %s when the exchange does not work', async (words, exchange) => {
    await comeBack((state) => `code=c-1&state=${state}`);
    vi.stubGlobal('fetch', vi.fn(exchange));
    await openSession();
    expect(failure()).toEqual({ words, said: null });
    expect(useSession.getState().state).toBe('signed-out');
  });

  it('stays in this app for any stored path', async () => {
    await comeBack((state) => `error=access_denied&state=${state}`, '//elsewhere.example/x');
    await openSession();
    expect(replaceState).toHaveBeenCalledWith(null, '', `${APP}//elsewhere.example/x`);
  });

  it.each(['/?code=1', '/?state=1', '/c/conv_1?code=1&state=1'])(
    'is not recognised in %s',
    async (path) => {
      stubPlace(path);
      await openSession();
      expect(replaceState).not.toHaveBeenCalled();
      expect(failure()).toBeNull();
    },
  );

  it('is ignored if no provider is configured', async () => {
    setConfig({});
    stubPlace('/?code=1&state=1');
    await openSession();
    expect(replaceState).not.toHaveBeenCalled();
  });
});

describe('signing out', () => {
  const tokens = async () => {
    const { id_token } = await (await giveTokens('n')(new URL(APP), {} as never)).json();
    return { idToken: id_token as string, refreshToken: 'refresh-1' };
  };

  it('revokes the token, then ends the session of the hosted domain', async () => {
    const place = stubPlace();
    startSession(await tokens(), { hosted: true });
    signOut();
    expect(useSession.getState().state).toBe('signed-out');
    await vi.waitFor(() => expect(place.assign).toHaveBeenCalled());
    expect(String(vi.mocked(fetch).mock.calls[0]?.[1]?.body)).toContain('refresh-1');
    const address = lastLeft(place);
    expect(address.origin + address.pathname).toBe(`${DOMAIN}/logout`);
    expect(Object.fromEntries(address.searchParams)).toEqual({
      client_id: 'client-1',
      logout_uri: APP,
    });
  });

  it('waits only a short time for a pool that does not answer', async () => {
    vi.useFakeTimers();
    vi.stubGlobal('fetch', () => new Promise(() => undefined));
    const place = stubPlace();
    startSession(await tokens(), { hosted: true });
    signOut();
    await vi.advanceTimersByTimeAsync(1_900);
    expect(place.assign).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(200);
    expect(place.assign).toHaveBeenCalledOnce();
  });

  it('does not redirect after a sign-in by password, also if the one before was by a provider', async () => {
    const place = stubPlace();
    startSession(await tokens(), { hosted: true });
    startSession(await tokens());
    signOut();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(place.assign).not.toHaveBeenCalled();
    expect(JSON.stringify({ ...localStorage })).toBe('{}');
  });
});
