import type { Element, ElementContent } from 'hast';
import { lazy, Suspense, use } from 'react';
import { CodeFigure } from './CodeFigure';
import { OpenFence } from './openFence';

const Diagram = lazy(() => import('./Diagram'));

const textOf = (node: ElementContent): string => {
  if (node.type === 'text') return node.value;
  return node.type === 'element' ? node.children.map(textOf).join('') : '';
};

function readCode(node: Element | undefined): { code: string; language: string } {
  const inner = node?.children.find((child) => child.type === 'element');
  if (inner?.type !== 'element') return { code: '', language: '' };
  const names = inner.properties.className;
  const name = (Array.isArray(names) ? names : []).find((item) =>
    `${item}`.startsWith('language-'),
  );
  return { code: textOf(inner).replace(/\n$/, ''), language: `${name ?? ''}`.slice(9) };
}

export function CodeBlock({ node }: { node?: Element | undefined }) {
  const { code, language } = readCode(node);
  const isOpen = use(OpenFence);
  if (language === 'mermaid' && !isOpen) {
    return (
      <Suspense fallback={<CodeFigure code={code} language="" isOpen={isOpen} label={language} />}>
        <Diagram code={code} />
      </Suspense>
    );
  }
  return <CodeFigure code={code} language={language} isOpen={isOpen} label={language} />;
}
