import type { Element, ElementContent } from 'hast';
import { lazy, Suspense, use, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { CopyButton } from '@/ui/CopyButton';
import { useHighlighted } from './highlight';
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
      <Suspense fallback={<Code code={code} language="" isOpen={isOpen} label={language} />}>
        <Diagram code={code} />
      </Suspense>
    );
  }
  return <Code code={code} language={language} isOpen={isOpen} label={language} />;
}

interface CodeProps {
  code: string;
  language: string;
  isOpen: boolean;
  label: string;
}

export function Code({ code, language, isOpen, label }: CodeProps) {
  const { t } = useTranslation();
  const lines = useHighlighted(code, isOpen ? '' : language);
  const [scrolls, setScrolls] = useState(false);
  const measure = (element: HTMLPreElement | null) => {
    if (element) setScrolls(element.scrollWidth > element.clientWidth);
  };
  return (
    <figure className="hover-area overflow-hidden rounded-medium border border-line bg-code">
      <figcaption className="flex h-10 items-center justify-between ps-4 pe-1 text-xs text-faint">
        <span className="font-mono">{label}</span>
        {!isOpen && <CopyButton text={code} label={t('chat.copyCode')} words />}
      </figcaption>
      <pre
        ref={measure}
        className="overflow-x-auto px-4 pb-4 font-mono text-[0.8125rem]/[1.6]"
        tabIndex={scrolls ? 0 : undefined}
      >
        <code>{lines ?? code}</code>
      </pre>
    </figure>
  );
}
