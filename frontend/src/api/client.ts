import { freshToken, renewToken } from '@/auth/session';
import { SignedOutError } from '@/auth/tokens';
import { Problem, toProblem, unreachable } from './problem';
import { newTraceparent } from './trace';

export interface RequestOptions {
  method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  body?: unknown;
  idempotencyKey?: string;
  accept?: string;
  lastEventId?: string | null;
  signal?: AbortSignal;
}

function headersOf(options: RequestOptions, token: string): Headers {
  const headers = new Headers({
    Authorization: `Bearer ${token}`,
    traceparent: newTraceparent(),
  });
  headers.set('Accept', options.accept ?? 'application/json');
  if (options.body !== undefined) headers.set('Content-Type', 'application/json');
  if (options.idempotencyKey) headers.set('Idempotency-Key', options.idempotencyKey);
  if (options.lastEventId) headers.set('Last-Event-ID', options.lastEventId);
  return headers;
}

async function fetchOnce(path: string, options: RequestOptions, token: string): Promise<Response> {
  try {
    return await fetch(path, {
      method: options.method ?? 'GET',
      headers: headersOf(options, token),
      body: options.body === undefined ? null : JSON.stringify(options.body),
      signal: options.signal ?? null,
      cache: 'no-store',
    });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw unreachable();
  }
}

async function token(get: () => Promise<string>): Promise<string> {
  try {
    return await get();
  } catch (error) {
    if (error instanceof SignedOutError) throw new Problem(401, { type: '/problems/signed-out' });
    throw unreachable();
  }
}

/** Calls a service with a valid token. If the service refuses the token, it is renewed once. */
export async function send(path: string, options: RequestOptions = {}): Promise<Response> {
  let response = await fetchOnce(path, options, await token(freshToken));
  if (response.status === 401) {
    await response.body?.cancel();
    response = await fetchOnce(path, options, await token(renewToken));
  }
  if (!response.ok) throw await toProblem(response);
  return response;
}

export async function request<T>(path: string, options: RequestOptions = {}): Promise<T> {
  const response = await send(path, options);
  const text = await response.text();
  return (text ? JSON.parse(text) : undefined) as T;
}

/** A key for `Idempotency-Key`. Works without HTTPS, where `crypto.randomUUID` is missing. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
