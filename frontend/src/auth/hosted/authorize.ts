import { config } from '@/app/config';
import { type Attempt, startAttempt } from './attempt';
import { codeChallenge } from './pkce';

/** This app's address as registered in the user pool. The pool compares exactly, so it has no final slash. */
export const appUrl = () => location.origin;

async function authorizeUrl(domain: string, provider: string, attempt: Attempt) {
  const address = new URL('/oauth2/authorize', domain);
  address.search = new URLSearchParams({
    response_type: 'code',
    client_id: config().user_pool_client_id,
    redirect_uri: appUrl(),
    scope: 'openid email profile',
    state: attempt.state,
    nonce: attempt.nonce,
    code_challenge: await codeChallenge(attempt.verifier),
    code_challenge_method: 'S256',
    // Skips the user pool's own page and opens the provider's.
    identity_provider: provider,
  }).toString();
  return address.href;
}

/** Redirects to the provider, which redirects back to this app's root. */
export async function redirectToProvider(provider: string, from = '/'): Promise<void> {
  const { hosted_sign_in } = config();
  if (!hosted_sign_in) return;
  location.assign(await authorizeUrl(hosted_sign_in.domain, provider, startAttempt(from)));
}
