// @vitest-environment jsdom
import { act, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { violationsIn } from '@/test/axe';
import type { ReasoningPart } from '../stream/turn';
import { Reasoning } from './Reasoning';

const aPart = (change: Partial<ReasoningPart> = {}): ReasoningPart => ({
  kind: 'reasoning',
  text: '**Counting** the legs.\n\nEight.',
  startedAt: null,
  tookMs: null,
  ...change,
});

const show = (change: Partial<ReasoningPart>, active = false) =>
  render(<Reasoning part={aPart(change)} active={active} />).container;

const foldLine = (container: Element) => container.querySelector('summary') as HTMLElement;

afterEach(() => void vi.useRealTimers());

describe('Reasoning', () => {
  it('counts the seconds while the model thinks, hidden from screen readers', () => {
    vi.useFakeTimers({ now: 100_000 });
    const container = show({ startedAt: 98_500 }, true);
    expect(container.textContent).toBe('Thinking…1s');
    act(() => void vi.advanceTimersByTime(11_000));
    expect(container.textContent).toBe('Thinking…12s');
    expect(screen.getByText('12s').getAttribute('aria-hidden')).toBe('true');
  });

  it('counts no seconds if it does not know when the thinking began', () => {
    expect(show({ startedAt: null }, true).textContent).toBe('Thinking…');
  });

  it.each([
    [12_400, 'Thought for 12s'],
    [75_000, 'Thought for 1m 15s'],
    [100, 'Thoughts'],
    [null, 'Thoughts'],
  ])('shows a time of %s ms as “%s”', (tookMs, words) => {
    expect(show({ tookMs }).textContent).toBe(words);
  });

  it('opens and closes, and says which it is', async () => {
    const container = show({ tookMs: 4000 });
    const line = foldLine(container);
    expect(line.getAttribute('aria-expanded')).toBe('false');
    expect(screen.queryByText('Eight.')).toBeNull();
    await userEvent.click(line);
    expect(await screen.findByText('Eight.')).toBeTruthy();
    expect(line.getAttribute('aria-expanded')).toBe('true');
    expect(screen.getByText('Counting').tagName).toBe('STRONG');
    expect(await violationsIn(container)).toEqual([]);
    await userEvent.click(line);
    expect(line.getAttribute('aria-expanded')).toBe('false');
  });

  it('stays open while the text grows', async () => {
    const { container, rerender } = render(<Reasoning part={aPart()} active />);
    await userEvent.click(foldLine(container));
    await screen.findByText('Eight.');
    rerender(<Reasoning part={aPart({ text: 'One.\n\nNine.', tookMs: 9000 })} active={false} />);
    expect(await screen.findByText('Nine.')).toBeTruthy();
    expect(foldLine(container).textContent).toBe('Thought for 9s');
  });

  it.each(['', ' \n'])('has nothing to open without text (%j)', (text) => {
    const thinking = show({ text }, true);
    expect(thinking.textContent).toBe('Thinking…');
    const thought = show({ text, tookMs: 8000 });
    expect(thought.textContent).toBe('Thought for 8s');
    expect(show({ text }).innerHTML).toBe('');
    expect(document.querySelector('summary')).toBeNull();
  });
});
