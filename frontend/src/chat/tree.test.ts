import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasEarlierMessages, type Node, ROOT, selectPath } from './tree';

const node = (id: string, parentId: string | null): Node => ({ id, parentId });
const never = () => false;
const ids = (path: { node: Node }[]) => path.map((step) => step.node.id);

/** q1 has two answers; the first has been asked on in two versions. */
const TREE = [
  node('q1', null),
  node('a1', 'q1'),
  node('a2', 'q1'),
  node('q2', 'a1'),
  node('q2b', 'a1'),
  node('a3', 'q2b'),
];

describe('selectPath', () => {
  it('leads to the latest message', () => {
    expect(ids(selectPath(TREE, {}, 'a3', never))).toEqual(['q1', 'a1', 'q2b', 'a3']);
    expect(ids(selectPath(TREE, {}, 'a2', never))).toEqual(['q1', 'a2']);
  });

  it('takes the newest version by default', () => {
    expect(ids(selectPath(TREE, {}, null, never))).toEqual(['q1', 'a2']);
  });

  it('follows the reader’s choice at each fork and counts the versions', () => {
    const path = selectPath(TREE, { a1: 'q2', q1: 'a1' }, 'a3', never);
    expect(ids(path)).toEqual(['q1', 'a1', 'q2']);
    expect(path[1]).toMatchObject({ siblings: ['a1', 'a2'], index: 0 });
  });

  it('shows the running answer, also if the latest message is elsewhere', () => {
    const isNow = ({ id }: Node) => id === 'a4';
    expect(ids(selectPath([...TREE, node('a4', 'q1')], {}, 'a3', isNow))).toEqual(['q1', 'a4']);
  });

  it('has versions of the first question', () => {
    const path = selectPath([node('q1', null), node('q1b', null)], { [ROOT]: 'q1' }, null, never);
    expect(path[0]).toMatchObject({ index: 0, siblings: ['q1', 'q1b'] });
  });

  it('begins at the earliest loaded message and reports that there are earlier ones', () => {
    const path = selectPath(TREE.slice(3), {}, 'a3', never);
    expect(ids(path)).toEqual(['q2b', 'a3']);
    expect(hasEarlierMessages(path)).toBe(true);
    expect(hasEarlierMessages(selectPath(TREE, {}, 'a3', never))).toBe(false);
  });

  it('ends for any tree, also with cycles and unknown parents, and has no message twice', () => {
    const name = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
    const nodes = fc.uniqueArray(
      fc.record({ id: name, parentId: fc.option(name, { nil: null }) }),
      { selector: ({ id }) => id },
    );
    fc.assert(
      fc.property(nodes, fc.option(name, { nil: null }), (tree, latest) => {
        const path = ids(selectPath(tree, {}, latest, never));
        expect(new Set(path).size).toBe(path.length);
      }),
    );
  });
});
