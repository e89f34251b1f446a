import { explain } from '../errors';
import { enter, resumeSession, useSession } from '../session';
import { takeReturn, tokensOf } from './callback';

/** How a visit begins: back from a provider, or with the session of an earlier visit. */
export async function arrive(): Promise<void> {
  const back = takeReturn();
  if (!back) return resumeSession();
  try {
    enter(await tokensOf(back), { hosted: true });
  } catch (error) {
    useSession.setState({ failure: explain(error) });
    await resumeSession();
  }
}
