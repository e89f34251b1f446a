/** Anything with a parent: stored messages, running answers, undelivered messages. */
export interface Node {
  id: string;
  parentId: string | null;
}

export interface Step<T extends Node> {
  node: T;
  /** The versions at this place, oldest first. */
  siblings: string[];
  index: number;
}

export const ROOT = 'root';

/** The versions that the reader chose: parent id → id of the shown child. */
export type BranchChoices = Readonly<Record<string, string>>;

type Children<T> = Map<string, T[]>;

/**
 * Children by parent, in the order given. A node whose parent is not loaded is placed at the root,
 * because the page with its parent may be loaded later.
 */
function childrenOf<T extends Node>(nodes: readonly T[]): Children<T> {
  const known = new Set(nodes.map((node) => node.id));
  const children: Children<T> = new Map();
  for (const node of nodes) {
    const key = node.parentId && known.has(node.parentId) ? node.parentId : ROOT;
    children.set(key, [...(children.get(key) ?? []), node]);
  }
  return children;
}

function ancestorsOf<T extends Node>(nodes: readonly T[], leaf: string | null): Set<string> {
  const parents = new Map(nodes.map((node) => [node.id, node.parentId]));
  const line = new Set<string>();
  for (let id = leaf; id && parents.has(id) && !line.has(id); id = parents.get(id) ?? null) {
    line.add(id);
  }
  return line;
}

/**
 * The path of messages to show, from the first to a leaf. At each fork it takes the reader's choice, else
 * the answer that is being written, else the way to the conversation's latest message, else the newest.
 */
export function selectPath<T extends Node>(
  nodes: readonly T[],
  choices: BranchChoices,
  latest: string | null,
  isNow: (node: T) => boolean,
): Step<T>[] {
  const children = childrenOf(nodes);
  const towardsLatest = ancestorsOf(nodes, latest);
  const current = nodes.findLast(isNow);
  const towardsNow = ancestorsOf(nodes, current?.id ?? null);
  const path: Step<T>[] = [];
  const seen = new Set<string>();
  for (let at = ROOT; ; ) {
    const options = (children.get(at) ?? []).filter((node) => !seen.has(node.id));
    const node =
      options.find((option) => option.id === choices[at]) ??
      options.findLast((option) => towardsNow.has(option.id)) ??
      options.findLast((option) => towardsLatest.has(option.id)) ??
      options.at(-1);
    if (!node) return path;
    seen.add(node.id);
    path.push({ node, siblings: options.map((option) => option.id), index: options.indexOf(node) });
    at = node.id;
  }
}

/** Whether the path begins in an earlier page of messages that is not loaded. */
export function hasEarlierMessages<T extends Node>(path: readonly Step<T>[]): boolean {
  return path[0]?.node.parentId != null;
}
