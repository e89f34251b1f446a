import { describe, expect, it } from 'vitest';
import { formatCost, formatCount, formatDay, formatSeconds } from './format';

describe('formatCost', () => {
  it.each([
    [0, '$0.00'],
    [1, '$0.000000001'],
    [13_482_000, '$0.013'],
    [349_600_000, '$0.35'],
    [995_000_000, '$1.00'],
    [1_234_567_890_000, '$1,234.57'],
  ])('says %i nano-USD as %s', (nano, text) => {
    expect(formatCost(nano, 'en')).toBe(text);
  });

  it('never rounds a price to zero', () => {
    for (let nano = 1; nano < 1e9; nano *= 7) expect(formatCost(nano, 'en')).toMatch(/[1-9]/);
  });

  it('formats for Korean', () => {
    expect(formatCost(13_482_000, 'ko')).toContain('0.013');
  });
});

describe('numbers and days', () => {
  it('groups thousands and does not shift days', () => {
    expect(formatCount(12345, 'en')).toBe('12,345');
    expect(formatDay('2026-11-23', 'en')).toBe('Nov 23');
    expect(formatDay('2026-11-23', 'ko')).toBe('11월 23일');
  });

  it('shows tenths for short times only', () => {
    expect(formatSeconds(7, 'en')).toBe('7ms');
    expect(formatSeconds(840, 'en')).toBe('0.8s');
    expect(formatSeconds(12_600, 'en')).toBe('13s');
  });

  it('shows minutes and seconds from a minute on', () => {
    expect(formatSeconds(59_600, 'en')).toBe('1m');
    expect(formatSeconds(75_400, 'en')).toBe('1m 15s');
    expect(formatSeconds(75_400, 'ko')).toBe('1분 15초');
  });
});
