import { config } from '@/app/config';
import { appUrl } from './authorize';

const LONGEST_WAIT_MS = 2000;

/**
 * Ends the session of the hosted domain (its cookie); otherwise the next click on the provider would
 * sign in the same person without asking. Waits a moment for `revoked`, because leaving the page
 * would abort it.
 */
export async function endHostedSession(revoked: Promise<unknown>): Promise<void> {
  const { hosted_sign_in, user_pool_client_id } = config();
  if (!hosted_sign_in) return;
  await Promise.race([revoked, new Promise((resolve) => setTimeout(resolve, LONGEST_WAIT_MS))]);
  const address = new URL('/logout', hosted_sign_in.domain);
  address.search = new URLSearchParams({
    client_id: user_pool_client_id,
    logout_uri: appUrl(),
  }).toString();
  location.assign(address.href);
}
