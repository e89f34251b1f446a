import { memo, useMemo } from 'react';
import ReactMarkdown from 'react-markdown';
import remarkGfm from 'remark-gfm';
import remend from 'remend';
import { hasMath, hasOpenFence, normaliseMath, splitBlocks } from './blocks';
import { components } from './elements';
import type { MathPlugins } from './math';
import { OpenFence } from './openFence';
import { useMath } from './useMath';

interface BlockProps {
  text: string;
  growing: boolean;
  math: MathPlugins | null;
}

/** Completes unfinished Markdown, so that it does not flicker while the text grows. */
const completeMarks = (text: string) => remend(text, { linkMode: 'text-only', katex: true });

const Block = memo(function Block({ text, growing, math }: BlockProps) {
  const source = growing ? completeMarks(text) : text;
  return (
    <OpenFence.Provider value={growing && hasOpenFence(text)}>
      <div className="prose-block">
        <ReactMarkdown
          remarkPlugins={math ? [remarkGfm, math.remark] : [remarkGfm]}
          rehypePlugins={math ? [math.rehype] : []}
          urlTransform={(url) => url}
          components={components}
        >
          {source}
        </ReactMarkdown>
      </div>
    </OpenFence.Provider>
  );
});

export default function Markdown({ text, growing }: { text: string; growing: boolean }) {
  const withMath = useMemo(() => hasMath(text), [text]);
  const math = useMath(withMath);
  const blocks = useMemo(() => splitBlocks(math ? normaliseMath(text) : text), [math, text]);
  return (
    <div className="prose">
      {blocks.map((block, index) => (
        <Block
          // Blocks are only added at the end, so the index is a stable key.
          // biome-ignore lint/suspicious/noArrayIndexKey: see above
          key={index}
          text={block}
          growing={growing && index === blocks.length - 1}
          math={math}
        />
      ))}
    </div>
  );
}
