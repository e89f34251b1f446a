import { toAuthProblem } from '../errors';
import { resumeSession, startSession, useSession } from '../session';
import { exchangeCallback, takeCallback } from './callback';

/** Opens the session at page load: from a provider's redirect, or from an earlier visit. */
export async function openSession(): Promise<void> {
  const back = takeCallback();
  if (!back) return resumeSession();
  try {
    startSession(await exchangeCallback(back), { hosted: true });
  } catch (error) {
    useSession.setState({ failure: toAuthProblem(error) });
    await resumeSession();
  }
}
