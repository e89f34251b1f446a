import { useTranslation } from 'react-i18next';
import type { AuthProblem } from '../errors';

/** One sentence about the error: the message of the deployment's trigger if there is one. */
export function ProblemLine({ problem }: { problem: AuthProblem }) {
  const { t } = useTranslation();
  return (
    <p className="rounded-medium bg-danger-soft px-3 py-2 text-sm text-danger">
      {problem.said ?? t(`auth.error.${problem.words}`)}
    </p>
  );
}
