import { freshToken, renewToken } from '@/auth/session';
import { SignedOut } from '@/auth/tokens';
import { Problem, toProblem, unreachable } from './problem';
import { newTraceparent } from './trace';

export interface Ask {
  method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  body?: unknown;
  idempotencyKey?: string;
  accept?: string;
  lastEventId?: string | null;
  signal?: AbortSignal;
}

function headersOf(ask: Ask, token: string): Headers {
  const headers = new Headers({
    Authorization: `Bearer ${token}`,
    traceparent: newTraceparent(),
  });
  headers.set('Accept', ask.accept ?? 'application/json');
  if (ask.body !== undefined) headers.set('Content-Type', 'application/json');
  if (ask.idempotencyKey) headers.set('Idempotency-Key', ask.idempotencyKey);
  if (ask.lastEventId) headers.set('Last-Event-ID', ask.lastEventId);
  return headers;
}

async function attempt(path: string, ask: Ask, token: string): Promise<Response> {
  try {
    return await fetch(path, {
      method: ask.method ?? 'GET',
      headers: headersOf(ask, token),
      body: ask.body === undefined ? null : JSON.stringify(ask.body),
      signal: ask.signal ?? null,
      cache: 'no-store',
    });
  } catch (error) {
    if (ask.signal?.aborted) throw error;
    throw unreachable();
  }
}

async function token(get: () => Promise<string>): Promise<string> {
  try {
    return await get();
  } catch (error) {
    if (error instanceof SignedOut) throw new Problem(401, { type: '/problems/signed-out' });
    throw unreachable();
  }
}

/** The response of a service, with a fresh token, renewed once when the service refuses it. */
export async function send(path: string, ask: Ask = {}): Promise<Response> {
  let response = await attempt(path, ask, await token(freshToken));
  if (response.status === 401) {
    await response.body?.cancel();
    response = await attempt(path, ask, await token(renewToken));
  }
  if (!response.ok) throw await toProblem(response);
  return response;
}

export async function request<T>(path: string, ask: Ask = {}): Promise<T> {
  const response = await send(path, ask);
  const text = await response.text();
  return (text ? JSON.parse(text) : undefined) as T;
}

/** A key for `Idempotency-Key`, also where the page is not served securely. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
