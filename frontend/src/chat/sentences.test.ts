import { describe, expect, it } from 'vitest';
import { sentencesOf } from './sentences';

describe('sentencesOf', () => {
  it('returns an unfinished sentence only at the end of the text', () => {
    expect(sentencesOf('One is done. Two is', 'en', false)).toEqual(['One is done.']);
    expect(sentencesOf('One is done. Two is', 'en', true)).toEqual(['One is done.', 'Two is']);
  });

  it('never returns fewer sentences for a longer text', () => {
    const text = 'First one. Second **one**! See [docs](https://x.example)? Last.';
    let told: string[] = [];
    for (let length = 0; length <= text.length; length += 1) {
      const now = sentencesOf(text.slice(0, length), 'en', false);
      expect(now.length).toBeGreaterThanOrEqual(told.length);
      told = now;
    }
  });

  it('omits code and Markdown syntax', () => {
    expect(sentencesOf('Look:\n```js\nx.y()\n```\nThat **was** it.', 'en', true).join(' ')).toBe(
      'Look: That was it.',
    );
  });

  it('splits Korean sentences', () => {
    expect(sentencesOf('안녕하세요. 반갑습니다. 그리', 'ko', false)).toEqual([
      '안녕하세요.',
      '반갑습니다.',
    ]);
  });
});
