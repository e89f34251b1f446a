import { describe, expect, it } from 'vitest';
import { completeConfig } from '@/app/config';
import { checkPassword } from './password';

const POLICY = completeConfig({}).password_policy;
const missing = (password: string, policy = POLICY) =>
  checkPassword(password, policy)
    .filter((rule) => !rule.met)
    .map((rule) => rule.name);

describe('checkPassword', () => {
  it.each([
    ['', ['length', 'lower', 'upper', 'number', 'symbol']],
    ['aaaaaaaa', ['upper', 'number', 'symbol']],
    ['Abcdef1!', []],
    ['Ab1!', ['length']],
  ])('%s lacks %j', (password, rules) => expect(missing(password)).toEqual(rules));

  it('checks only the rules of the pool', () => {
    const lenient = {
      ...POLICY,
      require_symbols: false,
      require_uppercase: false,
      minimum_length: 6,
    };
    expect(missing('abc123', lenient)).toEqual([]);
  });
});
