import { config } from '@/app/config';

/** An error of Cognito; `code` is the name of its exception, or `Offline` if there was no response. */
export class CognitoError extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = 'CognitoError';
  }
}

export interface Tokens {
  idToken: string;
  refreshToken: string | null;
}

interface AuthenticationResult {
  IdToken?: string;
  RefreshToken?: string;
}

/** One call of the user pool's JSON protocol. */
async function call<T>(action: string, body: Record<string, unknown>): Promise<T> {
  const { cognito_endpoint, user_pool_client_id } = config();
  let response: Response;
  try {
    response = await fetch(cognito_endpoint, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/x-amz-json-1.1',
        'X-Amz-Target': `AWSCognitoIdentityProviderService.${action}`,
      },
      body: JSON.stringify({ ClientId: user_pool_client_id, ...body }),
    });
  } catch {
    throw new CognitoError('Offline', 'The user pool cannot be reached.');
  }
  const text = await response.text();
  const answer = parse(text);
  if (response.ok) return answer as T;
  if (!answer.__type)
    throw new CognitoError('Offline', `The user pool answered ${response.status}`);
  const code = String(answer.__type).split('#').pop() ?? 'Unknown';
  throw new CognitoError(code, String(answer.message ?? answer.Message ?? ''));
}

function parse(text: string): Record<string, unknown> {
  try {
    return text ? (JSON.parse(text) as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

export const signUp = (email: string, password: string) =>
  call<{ UserConfirmed?: boolean }>('SignUp', {
    Username: email,
    Password: password,
    UserAttributes: [{ Name: 'email', Value: email }],
  });

export const confirmSignUp = (email: string, code: string) =>
  call('ConfirmSignUp', { Username: email, ConfirmationCode: code });

export const resendCode = (email: string) => call('ResendConfirmationCode', { Username: email });

export const forgotPassword = (email: string) => call('ForgotPassword', { Username: email });

export const resetPassword = (email: string, code: string, password: string) =>
  call('ConfirmForgotPassword', { Username: email, ConfirmationCode: code, Password: password });

export const revoke = (refreshToken: string) => call('RevokeToken', { Token: refreshToken });

export async function refresh(refreshToken: string): Promise<Tokens> {
  const answer = await call<{ AuthenticationResult?: AuthenticationResult }>('InitiateAuth', {
    AuthFlow: 'REFRESH_TOKEN_AUTH',
    AuthParameters: { REFRESH_TOKEN: refreshToken },
  });
  const result = answer.AuthenticationResult;
  if (!result?.IdToken) throw new CognitoError('NotAuthorizedException', 'No token was given.');
  return { idToken: result.IdToken, refreshToken: result.RefreshToken ?? null };
}
