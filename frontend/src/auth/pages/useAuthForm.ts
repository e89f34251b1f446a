import { useState } from 'react';
import { type AuthProblem, toAuthProblem } from '../errors';

/** What every form of the sign-in pages does: be busy, show what went wrong. */
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

/** What one sign-in page hands to the next by the router's state. */
export interface PageState {
  email?: string;
  note?: 'confirmed' | 'passwordChanged';
  /** Where the person was going when they were asked to sign in. */
  from?: string;
}
