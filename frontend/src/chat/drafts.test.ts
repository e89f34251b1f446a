// @vitest-environment jsdom
import { describe, expect, it, vi } from 'vitest';
import { forgetLocal } from '@/storage/local';
import { readDraft, writeDraft } from './drafts';

describe('drafts', () => {
  it('survive a reload, one for each conversation', () => {
    writeDraft('u1', 'conv_1', 'half a thought');
    writeDraft('u1', 'new', 'another');
    expect(readDraft('u1', 'conv_1')).toBe('half a thought');
    expect(readDraft('u1', 'new')).toBe('another');
    expect(readDraft('u1', 'conv_2')).toBe('');
  });

  it('belong to one person and are deleted at sign-out', () => {
    writeDraft('u1', 'new', 'mine');
    expect(readDraft('u2', 'new')).toBe('');
    forgetLocal('colloquy.mine.');
    expect(readDraft('u1', 'new')).toBe('');
  });

  it('are deleted when emptied', () => {
    writeDraft('u1', 'new', 'x');
    writeDraft('u1', 'new', '');
    expect(localStorage).toHaveLength(0);
  });

  it('are optional when the storage is full', () => {
    vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
      throw new DOMException('full', 'QuotaExceededError');
    });
    expect(() => writeDraft('u1', 'new', 'x')).not.toThrow();
  });
});
