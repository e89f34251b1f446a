import { describe, expect, it } from 'vitest';
import { nearestLanguage } from '.';
import { en } from './en';
import { ko } from './ko';

function flat(words: object, prefix = ''): [string, string][] {
  return Object.entries(words).flatMap(([key, value]) =>
    typeof value === 'string'
      ? [[prefix + key, value] as [string, string]]
      : flat(value, `${prefix}${key}.`),
  );
}

const placeholders = (text: string) =>
  [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name).sort();

const english = new Map(flat(en));
const korean = new Map(flat(ko));
const sources = import.meta.glob<string>('../**/*.{ts,tsx}', {
  query: '?raw',
  import: 'default',
  eager: true,
});

describe('the dictionaries', () => {
  it('have the same keys in every language', () => {
    expect([...korean.keys()]).toEqual([...english.keys()]);
  });

  it('have no empty texts, and the same placeholders', () => {
    for (const [key, text] of english) {
      const said = korean.get(key) ?? '';
      expect(said.trim(), key).not.toBe('');
      expect(placeholders(said), key).toEqual(placeholders(text));
    }
  });

  it('have no unused keys', () => {
    const code = Object.entries(sources)
      .filter(([path]) => !/\.test\.|\/(en|ko)\.ts$/.test(path))
      .map(([, text]) => text)
      .join('\n');
    const unused = [...english.keys()]
      .map((key) => key.replace(/_(one|other)$/, ''))
      .filter((key) => !code.includes(key) && !builtFrom(code, key));
    expect(unused).toEqual([]);
  });
});

/** `problem.${words}` uses every key below `problem.` */
function builtFrom(code: string, key: string): boolean {
  const parts = key.split('.');
  return parts.some(
    (_, count) => count > 0 && code.includes(`\`${parts.slice(0, count).join('.')}.\${`),
  );
}

describe('nearestLanguage', () => {
  it.each([
    ['ko-KR', 'ko'],
    ['KO', 'ko'],
    ['en-GB', 'en'],
    ['fr', 'en'],
    ['', 'en'],
    [null, 'en'],
  ])('%s → %s', (wanted, language) => expect(nearestLanguage(wanted)).toBe(language));
});
