import { describe, expect, it } from 'vitest';
import { sentencesOf } from './sentences';

describe('sentencesOf', () => {
  it('waits for the end of a sentence', () => {
    expect(sentencesOf('One is done. Two is', 'en', false)).toEqual(['One is done.']);
    expect(sentencesOf('One is done. Two is', 'en', true)).toEqual(['One is done.', 'Two is']);
  });

  it('never changes a finished sentence while the text grows', () => {
    const text = 'First one. Second **one**! See [docs](https://x.example)? Last.';
    let told: string[] = [];
    for (let length = 0; length <= text.length; length += 1) {
      const now = sentencesOf(text.slice(0, length), 'en', false);
      expect(now.length).toBeGreaterThanOrEqual(told.length);
      told = now;
    }
  });

  it('leaves out code and Markdown', () => {
    expect(sentencesOf('Look:\n```js\nx.y()\n```\nThat **was** it.', 'en', true).join(' ')).toBe(
      'Look: That was it.',
    );
  });

  it('recognises Korean sentences', () => {
    expect(sentencesOf('안녕하세요. 반갑습니다. 그리', 'ko', false)).toEqual([
      '안녕하세요.',
      '반갑습니다.',
    ]);
  });
});
