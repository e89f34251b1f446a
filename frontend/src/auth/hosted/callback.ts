import { config } from '@/app/config';
import { CognitoError, type Tokens } from '../cognito';
import { FROM_TRIGGER } from '../errors';
import { decodeClaims } from '../tokens';
import { type Attempt, takeAttempt } from './attempt';
import { appUrl } from './authorize';

const TIMEOUT_MS = 20_000;

/** The query parameters of the redirect back, and the attempt that this tab stored before it left. */
export interface CallbackResult {
  answer: URLSearchParams;
  attempt: Attempt | null;
}

/** Reads the provider's parameters and removes them, so that no code stays in the address or the history. */
export function takeCallback(): CallbackResult | null {
  const answer = new URLSearchParams(location.search);
  const isAnswer = answer.has('state') && (answer.has('code') || answer.has('error'));
  if (!config().hosted_sign_in || location.pathname !== '/' || !isAnswer) return null;
  const attempt = takeAttempt();
  const isOurs = attempt !== null && attempt.state === answer.get('state');
  // With the origin in front, even a path like `//elsewhere` stays in this app.
  history.replaceState(null, '', appUrl() + (isOurs ? attempt.from : '/'));
  return { answer, attempt: isOurs ? attempt : null };
}

/** Exchanges the code for tokens. Throws a `CognitoError` when the sign-in did not begin in this tab. */
export async function exchangeCallback({ answer, attempt }: CallbackResult): Promise<Tokens> {
  // This is checked first, so that nothing from a forged link is exchanged or shown.
  if (!attempt) throw new CognitoError('ForeignSignIn', '');
  if (answer.has('error')) throw toError(answer);
  const { id_token, refresh_token } = await exchange(answer.get('code') ?? '', attempt.verifier);
  if (!id_token || !refresh_token) throw new CognitoError('ExchangeFailed', '');
  if (decodeClaims(id_token).nonce !== attempt.nonce) throw new CognitoError('ForeignSignIn', '');
  return { idToken: id_token, refreshToken: refresh_token };
}

function toError(answer: URLSearchParams): CognitoError {
  const description = answer.get('error_description') ?? '';
  if (FROM_TRIGGER.test(description))
    return new CognitoError('UserLambdaValidationException', description);
  const denied = answer.get('error') === 'access_denied';
  return new CognitoError(denied ? 'ProviderDenied' : 'ProviderFailed', '');
}

interface TokenAnswer {
  id_token?: string;
  refresh_token?: string;
}

async function exchange(code: string, verifier: string): Promise<TokenAnswer> {
  const { hosted_sign_in, user_pool_client_id } = config();
  let response: Response;
  try {
    response = await fetch(new URL('/oauth2/token', hosted_sign_in?.domain), {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        client_id: user_pool_client_id,
        redirect_uri: appUrl(),
        code,
        code_verifier: verifier,
      }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch {
    throw new CognitoError('Offline', 'The hosted sign-in cannot be reached.');
  }
  if (!response.ok) throw new CognitoError('ExchangeFailed', '');
  return (await response.json().catch(() => ({}))) as TokenAnswer;
}
