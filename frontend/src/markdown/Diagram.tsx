import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { CodeFigure } from './CodeFigure';
import { renderDiagram } from './mermaid';

/** A Mermaid diagram as a picture: an image can neither run scripts nor fetch anything. */
export default function Diagram({ code }: { code: string }) {
  const { t } = useTranslation();
  const [picture, setPicture] = useState<string | null>(null);
  useEffect(() => {
    let current = true;
    const paint = () => void renderDiagram(code).then((source) => current && setPicture(source));
    paint();
    const theme = new MutationObserver(paint);
    theme.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    return () => {
      current = false;
      theme.disconnect();
    };
  }, [code]);
  if (!picture) return <CodeFigure code={code} language="" isOpen={false} label="mermaid" />;
  return (
    <figure className="overflow-hidden rounded-medium border border-line">
      <div className="overflow-x-auto p-4">
        <img src={picture} alt={t('chat.diagram')} className="mx-auto max-w-full" />
      </div>
      <details className="border-t border-line px-4 py-2 text-xs text-faint">
        <summary className="cursor-pointer">mermaid</summary>
        <pre className="overflow-x-auto py-2 font-mono">{code}</pre>
      </details>
    </figure>
  );
}
