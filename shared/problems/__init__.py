"""Problems: the vocabulary of refusals, the same for requests, consumers and workers. It knows no HTTP."""

from shared.problems.kinds import KINDS, ProblemKind
from shared.problems.problem import FieldError, Problem, problem

__all__ = ["KINDS", "FieldError", "Problem", "ProblemKind", "problem"]
