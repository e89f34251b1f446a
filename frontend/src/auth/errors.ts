import type { en } from '@/i18n/en';
import { CognitoError } from './cognito';

type Words = keyof typeof en.auth.error;

const WORDS: Record<string, Words> = {
  NotAuthorizedException: 'wrongPassword',
  UserNotFoundException: 'wrongPassword',
  UsernameExistsException: 'userExists',
  AliasExistsException: 'userExists',
  CodeMismatchException: 'codeMismatch',
  ExpiredCodeException: 'codeExpired',
  LimitExceededException: 'tooMany',
  TooManyRequestsException: 'tooMany',
  TooManyFailedAttemptsException: 'tooMany',
  InvalidPasswordException: 'passwordPolicy',
  InvalidParameterException: 'badInput',
  PasswordResetRequiredException: 'resetRequired',
  Unsupported: 'unsupported',
  Offline: 'offline',
  ProviderDenied: 'providerDenied',
  ProviderFailed: 'providerFailed',
  ForeignSignIn: 'foreignSignIn',
  ExchangeFailed: 'exchangeFailed',
};

export interface AuthProblem {
  words: Words;
  /** The message of the deployment's own trigger; shown instead of `words`. */
  said: string | null;
}

/** The prefix that the user pool puts before a trigger's message. */
export const FROM_TRIGGER = /^\w+ failed with error\s*/i;

/** `PreSignUp failed with error Only example.com.` → `Only example.com.` */
export function triggerMessage(message: string): string | null {
  const said = message.replace(FROM_TRIGGER, '').trim();
  return said || null;
}

export function toAuthProblem(error: unknown): AuthProblem {
  if (!(error instanceof CognitoError)) return { words: 'unknown', said: null };
  if (error.code === 'UserLambdaValidationException') {
    return { words: 'unknown', said: triggerMessage(error.message) };
  }
  if (error.code === 'NotAuthorizedException' && /disabled/i.test(error.message)) {
    return { words: 'disabled', said: null };
  }
  return { words: WORDS[error.code] ?? 'unknown', said: null };
}
