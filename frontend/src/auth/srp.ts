import {
  AuthenticationDetails,
  CognitoUser,
  CognitoUserPool,
  type CognitoUserSession,
  type ICognitoStorage,
} from 'amazon-cognito-identity-js';
import { config } from '@/app/config';
import { CognitoError, type Tokens } from './cognito';

/** A storage in memory for the library, because only TokenStore persists tokens. */
class Memory implements ICognitoStorage {
  private readonly items = new Map<string, string>();
  getItem = (key: string) => this.items.get(key) ?? null;
  setItem = (key: string, value: string) => void this.items.set(key, value);
  removeItem = (key: string) => void this.items.delete(key);
  clear = () => this.items.clear();
}

export type SignInResult =
  | { kind: 'tokens'; tokens: Tokens }
  | { kind: 'new-password'; complete: (password: string) => Promise<SignInResult> };

const toTokens = (session: CognitoUserSession): SignInResult => ({
  kind: 'tokens',
  tokens: {
    idToken: session.getIdToken().getJwtToken(),
    refreshToken: session.getRefreshToken().getToken(),
  },
});

function toError(error: { code?: string; name?: string; message?: string }): CognitoError {
  const code = error.code ?? error.name ?? 'Unknown';
  return new CognitoError(code === 'NetworkError' ? 'Offline' : code, error.message ?? '');
}

/** Signs in by SRP: the password never leaves the browser. */
export function signIn(email: string, password: string): Promise<SignInResult> {
  const { user_pool_id, user_pool_client_id, cognito_endpoint } = config();
  const storage = new Memory();
  const pool = new CognitoUserPool({
    UserPoolId: user_pool_id,
    ClientId: user_pool_client_id,
    endpoint: cognito_endpoint,
    Storage: storage,
  });
  const user = new CognitoUser({ Username: email, Pool: pool, Storage: storage });
  const details = new AuthenticationDetails({ Username: email, Password: password });
  return new Promise((resolve, reject) => {
    const unsupported = () => reject(new CognitoError('Unsupported', ''));
    user.authenticateUser(details, {
      onSuccess: (session) => resolve(toTokens(session)),
      onFailure: (error) => reject(toError(error)),
      newPasswordRequired: () => resolve(askForPassword(user)),
      mfaRequired: unsupported,
      totpRequired: unsupported,
      mfaSetup: unsupported,
      selectMFAType: unsupported,
      customChallenge: unsupported,
    });
  });
}

function askForPassword(user: CognitoUser): SignInResult {
  const complete = (password: string) =>
    new Promise<SignInResult>((resolve, reject) => {
      user.completeNewPasswordChallenge(
        password,
        {},
        {
          onSuccess: (session) => resolve(toTokens(session)),
          onFailure: (error) => reject(toError(error)),
        },
      );
    });
  return { kind: 'new-password', complete };
}
