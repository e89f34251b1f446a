import { type ReactNode, useEffect, useState } from 'react';

type Token = { content: string; style: Record<string, string> };

/** In characters. Longer code is shown without colours, because highlighting it takes too long. */
const LONGEST_CODE = 40_000;

function renderTokens(lines: Token[][]): ReactNode[] {
  return lines.flatMap((line, row) => [
    ...line.map((token, column) => (
      // biome-ignore lint/suspicious/noArrayIndexKey: finished code does not change
      <span key={`${row}.${column}`} className="code-line" style={token.style}>
        {token.content}
      </span>
    )),
    row < lines.length - 1 ? '\n' : '',
  ]);
}

/** The highlighted code, or null until the highlighter has loaded and finished. */
export function useHighlightedCode(code: string, language: string): ReactNode[] | null {
  const [painted, setPainted] = useState<{ code: string; nodes: ReactNode[] } | null>(null);
  useEffect(() => {
    if (!language || code.length > LONGEST_CODE) return;
    let current = true;
    void import('./shiki')
      .then((module) => module.tokenize(code, language))
      .then((lines) => current && lines && setPainted({ code, nodes: renderTokens(lines) }));
    return () => {
      current = false;
    };
  }, [code, language]);
  return painted?.code === code ? painted.nodes : null;
}
