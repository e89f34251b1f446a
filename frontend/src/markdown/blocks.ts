const FENCE = /^ {0,3}(`{3,}|~{3,})/;
const MATH = /^ {0,3}\$\$\s*$/;
const LIST_ITEM = /^ {0,3}(?:[-*+]|\d{1,9}[.)])(?:\s|$)/;
/** With a reference definition, a link may depend on distant text, so the whole text is one block. */
const CROSS_REFERENCE = /^ {0,3}\[[^\]]+\]:/m;

/**
 * Splits Markdown into blocks that render the same alone as together, so that only the end of a
 * growing answer is parsed again. Splits at blank lines before unindented text outside of fences.
 */
export function splitBlocks(markdown: string): string[] {
  if (CROSS_REFERENCE.test(markdown)) return [markdown];
  const blocks: string[] = [];
  let current: string[] = [];
  let fence: string | null = null;
  let inMath = false;
  let inList = false;
  const close = () => {
    if (current.some((line) => line.trim() !== '')) blocks.push(current.join('\n'));
    current = [];
    inList = false;
  };
  for (const line of markdown.split('\n')) {
    const isOutside = fence === null && !inMath;
    const afterBlank = current.length > 0 && current.at(-1)?.trim() === '';
    if (isOutside && afterBlank && startsBlock(line, inList)) close();
    if (isOutside && LIST_ITEM.test(line)) inList = true;
    current.push(line);
    const marker = line.match(FENCE)?.[1];
    if (fence !== null) {
      if (marker?.startsWith(fence) && line.trim() === marker) fence = null;
    } else if (marker) fence = marker;
    else if (MATH.test(line)) inMath = !inMath;
  }
  close();
  return blocks;
}

const startsBlock = (line: string, inList: boolean) =>
  line.trim() !== '' && !/^(\s{2,}|\t)/.test(line) && !(inList && LIST_ITEM.test(line));

/** Is the last fence of this block still open? */
export function hasOpenFence(block: string): boolean {
  let fence: string | null = null;
  for (const line of block.split('\n')) {
    const marker = line.match(FENCE)?.[1];
    if (!marker) continue;
    if (fence === null) fence = marker;
    else if (marker.startsWith(fence) && line.trim() === marker) fence = null;
  }
  return fence !== null;
}

/** Whether the text has formulas that need KaTeX. A price in dollars is not a formula. */
export const hasMath = (markdown: string) => /\$\$[\s\S]+?\$\$|\\\(|\\\[/.test(markdown);

/** Replaces `\(…\)` and `\[…\]`, which many models write, by the dollar signs that remark-math reads. */
export function normaliseMath(markdown: string): string {
  return outsideCode(markdown, (text) =>
    text
      .replace(/\\\[([\s\S]+?)\\\]/g, (_, inner: string) => `$$${inner}$$`)
      .replace(/\\\(([\s\S]+?)\\\)/g, (_, inner: string) => `$$${inner.trim()}$$`),
  );
}

function outsideCode(markdown: string, change: (text: string) => string): string {
  return markdown
    .split(/(```[\s\S]*?(?:```|$)|`[^`\n]*`)/)
    .map((piece, index) => (index % 2 === 0 ? change(piece) : piece))
    .join('');
}
