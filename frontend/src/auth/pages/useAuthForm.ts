import { useState } from 'react';
import { type AuthProblem, toAuthProblem } from '../errors';

/** The busy state and the error of a form of the sign-in pages. */
export function useAuthForm() {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<AuthProblem | null>(null);
  const run = async (work: () => Promise<void>) => {
    setBusy(true);
    setProblem(null);
    try {
      await work();
    } catch (error) {
      setProblem(toAuthProblem(error));
    } finally {
      setBusy(false);
    }
  };
  return { busy, problem, setProblem, run };
}

/** What one sign-in page passes to the next in the router's state. */
export interface PageState {
  email?: string;
  note?: 'confirmed' | 'passwordChanged';
  /** Where the person was going when they were asked to sign in. */
  from?: string;
}
