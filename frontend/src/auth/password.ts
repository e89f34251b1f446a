import type { PasswordPolicy } from '@/app/config';

export type RuleName = 'length' | 'lower' | 'upper' | 'number' | 'symbol';

export interface Rule {
  name: RuleName;
  met: boolean;
}

const SYMBOL = /[\^$*.[\]{}()?"!@#%&/\\,><':;|_~`=+\- ]/;

/** The user pool's rules for passwords, and for each whether this password meets it. */
export function checkPassword(password: string, policy: PasswordPolicy): Rule[] {
  const rules: [RuleName, boolean, boolean][] = [
    ['length', true, [...password].length >= policy.minimum_length],
    ['lower', policy.require_lowercase, /[a-z]/.test(password)],
    ['upper', policy.require_uppercase, /[A-Z]/.test(password)],
    ['number', policy.require_numbers, /[0-9]/.test(password)],
    ['symbol', policy.require_symbols, SYMBOL.test(password)],
  ];
  return rules.filter(([, asked]) => asked).map(([name, , met]) => ({ name, met }));
}
