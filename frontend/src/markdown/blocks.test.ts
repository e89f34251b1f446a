import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import ReactMarkdown from 'react-markdown';
import remarkGfm from 'remark-gfm';
import { describe, expect, it } from 'vitest';
import { hasMath, hasOpenFence, normaliseMath, splitBlocks } from './blocks';

const html = (text: string) =>
  renderToStaticMarkup(createElement(ReactMarkdown, { remarkPlugins: [remarkGfm] }, text));
const squeezed = (text: string) => text.replace(/\s+/g, '');

const TEXTS = {
  paragraphs: 'one\n\ntwo\n\nthree',
  'a loose list': '1. one\n\n   more of one\n\n2. two\n\nafter',
  'a fence with blank lines': '```py\na\n\nb\n```\n\nafter',
  'a fence in a list': '- item\n\n  ```\n  x\n\n  y\n  ```\n\nafter',
  'a table': 'before\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nafter',
  'a quotation': '> one\n>\n> two\n\nafter',
  'distant references': 'see [it][1]\n\nmore\n\n[1]: https://example.com',
  'longer fences': '````md\n```\nx\n```\n\nstill\n````\n\nafter',
  headings: '# a\n\n## b\n\ntext',
};

describe('splitBlocks', () => {
  it.each(Object.entries(TEXTS))('means the same in pieces: %s', (_, text) => {
    expect(squeezed(splitBlocks(text).map(html).join(''))).toBe(squeezed(html(text)));
  });

  it('does not change finished blocks while the text grows', () => {
    const text = `${TEXTS['a fence with blank lines']}\n\nmore and more`;
    const whole = splitBlocks(text);
    for (let length = 1; length <= text.length; length += 1) {
      const blocks = splitBlocks(text.slice(0, length));
      expect(blocks.slice(0, -1).map((block) => block.trim())).toEqual(
        whole.slice(0, blocks.length - 1).map((block) => block.trim()),
      );
    }
  });

  it('distinguishes open code from closed code', () => {
    expect(hasOpenFence('```js\nx')).toBe(true);
    expect(hasOpenFence('```js\nx\n```')).toBe(false);
    expect(hasOpenFence('````\n```\n')).toBe(true);
  });
});

describe('mathematics', () => {
  it('does not treat prices in dollars as formulas', () => {
    expect(hasMath('It costs $5, or $7 with tea.')).toBe(false);
    expect(hasMath('so $$x^2$$')).toBe(true);
    expect(hasMath('so \\(x\\)')).toBe(true);
  });

  it('reads both notations, but not within code', () => {
    expect(normaliseMath('a \\(x\\) b')).toBe('a $$x$$ b');
    expect(normaliseMath('\\[\nx\n\\]')).toBe('$$\nx\n$$');
    expect(normaliseMath('`\\(x\\)` and ```\n\\[y\\]\n```')).toBe(
      '`\\(x\\)` and ```\n\\[y\\]\n```',
    );
  });
});
