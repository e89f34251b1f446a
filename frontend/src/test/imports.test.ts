import { describe, expect, it } from 'vitest';
import { findCycles, readImports } from './imports';

describe('imports', () => {
  it('have no cycles, also not by types or lazy imports', () => {
    expect(findCycles(readImports())).toEqual([]);
  });

  it('are all found', () => {
    const imports = readImports();
    expect(imports.size).toBeGreaterThan(100);
    expect(imports.get('chat/ChatPage.tsx')).toContain('chat/useConversation.ts');
    expect(imports.get('app/App.tsx')).toContain('usage/UsagePage.tsx');
  });
});

describe('findCycles', () => {
  it.each([
    ['none in a diamond', { a: ['b', 'c'], b: ['d'], c: ['d'], d: [] }, []],
    ['two modules', { a: ['b'], b: ['a'] }, [['a', 'b']]],
    ['a long way round', { a: ['b'], b: ['c'], c: ['a'], d: ['a'] }, [['a', 'b', 'c']]],
    ['a module that imports itself', { a: ['a'] }, [['a']]],
    [
      'two cycles',
      { a: ['b'], b: ['a', 'c'], c: ['d'], d: ['c'] },
      [
        ['c', 'd'],
        ['a', 'b'],
      ],
    ],
  ])('finds %s', (_, imports, circles) => {
    expect(findCycles(new Map(Object.entries(imports)))).toEqual(circles);
  });
});
