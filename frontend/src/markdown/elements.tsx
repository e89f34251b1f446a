import { ImageIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Components } from 'react-markdown';
import { CodeBlock } from './CodeBlock';
import { safeHref } from './links';

function Link({ href, children }: { href?: string | undefined; children?: ReactNode }) {
  const safe = safeHref(href);
  if (!safe) return <span>{children}</span>;
  return (
    <a href={safe} target="_blank" rel="noopener noreferrer">
      {children}
    </a>
  );
}

/** A link instead of the image: loading it could send parts of the conversation to its address. */
function ImageLink({ src, alt }: { src?: unknown; alt?: string | undefined }) {
  const { t } = useTranslation();
  const safe = typeof src === 'string' ? safeHref(src) : null;
  const label = alt ? t('chat.image', { label: alt }) : t('chat.imageNoName');
  const body = (
    <>
      <ImageIcon aria-hidden className="me-1 inline size-4 align-[-0.15em]" />
      {label}
    </>
  );
  return safe ? <Link href={safe}>{body}</Link> : body;
}

function Table({ children }: { children?: ReactNode }) {
  const { t } = useTranslation();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling element must be reachable by keyboard
    // biome-ignore lint/a11y/useSemanticElements: a section would be a landmark, and there may be many tables
    <div role="group" className="table-scroll" tabIndex={0} aria-label={t('chat.table')}>
      <table>{children}</table>
    </div>
  );
}

/** The checkbox of a task list, disabled, with a label for screen readers. */
function TaskBox({ checked }: { checked?: boolean | undefined }) {
  const { t } = useTranslation();
  const label = t(checked ? 'chat.taskDone' : 'chat.taskOpen');
  return <input type="checkbox" checked={checked ?? false} disabled aria-label={label} />;
}

export const components: Components = {
  a: ({ href, children }) => <Link href={href}>{children}</Link>,
  img: ({ src, alt }) => <ImageLink src={src} alt={alt} />,
  input: ({ checked }) => <TaskBox checked={checked} />,
  table: ({ children }) => <Table>{children}</Table>,
  pre: ({ node }) => <CodeBlock node={node} />,
};
