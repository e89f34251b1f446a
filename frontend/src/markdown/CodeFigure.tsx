import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { CopyButton } from '@/ui/CopyButton';
import { useHighlightedCode } from './highlight';

interface Props {
  code: string;
  language: string;
  isOpen: boolean;
  label: string;
}

/** Code with its language and a button that copies it. `isOpen`: it is still being written. */
export function CodeFigure({ code, language, isOpen, label }: Props) {
  const { t } = useTranslation();
  const lines = useHighlightedCode(code, isOpen ? '' : language);
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
