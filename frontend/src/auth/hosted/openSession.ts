import { toAuthProblem } from '../errors';
import { resumeSession, startSession, useSession } from '../session';
import { exchangeCallback, takeCallback } from './callback';

/** How a visit begins: back from a provider, or with the session of an earlier visit. */
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
