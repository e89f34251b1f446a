import { type Mock, vi } from 'vitest';
import { setConfig } from '@/app/config';
import { tokenFor } from './tokens';

export const DOMAIN = 'https://colloquy.auth.eu-west-1.example';
export const APP = 'https://chat.example';

export interface Place {
  origin: string;
  pathname: string;
  search: string;
  /** The addresses to which the page was redirected, in order. */
  assign: Mock<(address: string) => void>;
}

/** The page's address, which a test sets and reads. The router uses that of jsdom. */
export function stubPlace(path = '/'): Place {
  const { pathname, search } = new URL(path, APP);
  const place: Place = { origin: APP, pathname, search, assign: vi.fn() };
  vi.stubGlobal('location', place);
  return place;
}

export const lastLeft = (place: Place) => new URL(place.assign.mock.calls.at(-1)?.[0] ?? 'about:');

export function offerProviders(): void {
  setConfig({
    user_pool_client_id: 'client-1',
    features: { self_sign_up: false },
    hosted_sign_in: {
      domain: DOMAIN,
      providers: [
        { name: 'Google', title: 'Google' },
        { name: 'AcmeId', title: 'Acme' },
      ],
    },
  });
}

/** A token endpoint that returns an ID token with this nonce. */
export function giveTokens(nonce: string | undefined) {
  const id_token = tokenFor({ exp: Date.now() / 1000 + 1800, nonce });
  return vi.fn(async (_: URL, __: { body: URLSearchParams }) =>
    Response.json({ id_token, refresh_token: 'refresh-1', access_token: 'access-1' }),
  );
}
