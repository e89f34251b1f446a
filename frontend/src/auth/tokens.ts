import { CognitoError, type Tokens } from './cognito';

/** Tokens are renewed this long before they expire, so that a slow request arrives with a valid one. */
const RENEW_BEFORE_MS = 60_000;
const LOCK = 'colloquy.refresh';

export class SignedOutError extends Error {
  constructor() {
    super('Nobody is signed in.');
    this.name = 'SignedOut';
  }
}

export interface Claims {
  sub: string;
  email?: string;
  exp: number;
  nonce?: string;
  'cognito:groups'?: string[];
}

export function decodeClaims(idToken: string): Claims {
  const part = (idToken.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/');
  const bytes = Uint8Array.from(atob(part), (char) => char.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(bytes)) as Claims;
}

export interface TokenPorts {
  refresh: (refreshToken: string) => Promise<Tokens>;
  storage: { read: () => string | null; write: (token: string | null) => void };
  lock: <T>(name: string, work: () => Promise<T>) => Promise<T>;
  now: () => number;
  onChange: (claims: Claims | null) => void;
}

/**
 * Keeps the ID token in memory and the refresh token in the browser's storage. A lock lets one tab
 * refresh at a time, because a user pool that rotates refresh tokens accepts each of them once.
 */
export class TokenStore {
  private idToken: string | null = null;
  private expires = 0;
  private renewing: Promise<string> | null = null;

  constructor(private readonly ports: TokenPorts) {}

  save(tokens: Tokens): string {
    if (tokens.refreshToken) this.ports.storage.write(tokens.refreshToken);
    const claims = decodeClaims(tokens.idToken);
    this.idToken = tokens.idToken;
    this.expires = claims.exp * 1000;
    this.ports.onChange(claims);
    return tokens.idToken;
  }

  clear(): void {
    this.idToken = null;
    this.expires = 0;
    this.ports.onChange(null);
  }

  /** Milliseconds until a renewal is due, or null when nobody is signed in. */
  msUntilRenewal(): number | null {
    return this.idToken ? Math.max(0, this.expires - RENEW_BEFORE_MS - this.ports.now()) : null;
  }

  /** A token that is valid for at least one minute. */
  async get(): Promise<string> {
    const due = this.msUntilRenewal();
    return this.idToken && due !== null && due > 0 ? this.idToken : this.renew();
  }

  /** Renews the token even if the old one is still valid. Overlapping calls share one renewal. */
  renew(): Promise<string> {
    this.renewing ??= this.ports
      .lock(LOCK, () => this.refreshOnce())
      .finally(() => {
        this.renewing = null;
      });
    return this.renewing;
  }

  private async refreshOnce(): Promise<string> {
    const refreshToken = this.ports.storage.read();
    if (!refreshToken) {
      this.clear();
      throw new SignedOutError();
    }
    try {
      return this.save(await this.ports.refresh(refreshToken));
    } catch (error) {
      if (!isRefusal(error)) throw error;
      if (this.ports.storage.read() === refreshToken) this.ports.storage.write(null);
      this.clear();
      throw new SignedOutError();
    }
  }
}

const REFUSALS = ['NotAuthorizedException', 'UserNotFoundException', 'ResourceNotFoundException'];

const isRefusal = (error: unknown) =>
  error instanceof CognitoError && REFUSALS.includes(error.code);
