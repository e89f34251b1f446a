import { describe, expect, it } from 'vitest';
import { CognitoError } from './cognito';
import { toAuthProblem } from './errors';

describe('toAuthProblem', () => {
  it.each([
    ['NotAuthorizedException', 'wrongPassword'],
    ['UserNotFoundException', 'wrongPassword'],
    ['UsernameExistsException', 'userExists'],
    ['CodeMismatchException', 'codeMismatch'],
    ['ExpiredCodeException', 'codeExpired'],
    ['LimitExceededException', 'tooMany'],
    ['Offline', 'offline'],
    ['SomethingNew', 'unknown'],
  ])('%s in words: %s', (code, words) => {
    expect(toAuthProblem(new CognitoError(code, ''))).toEqual({ words, said: null });
  });

  it('shows the message of the trigger', () => {
    const error = new CognitoError(
      'UserLambdaValidationException',
      'PreSignUp failed with error Only addresses at example.com may sign up.',
    );
    expect(toAuthProblem(error).said).toBe('Only addresses at example.com may sign up.');
  });

  it('distinguishes a disabled account from a wrong password', () => {
    expect(
      toAuthProblem(new CognitoError('NotAuthorizedException', 'User is disabled.')).words,
    ).toBe('disabled');
  });

  it('does not show unknown errors', () => {
    expect(toAuthProblem(new TypeError('x is undefined'))).toEqual({
      words: 'unknown',
      said: null,
    });
  });
});
