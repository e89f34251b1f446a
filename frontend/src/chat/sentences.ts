const MARKS = /```[\s\S]*?```|[*_`#>|~]|\[([^\]]*)\]\([^)]*\)/g;

const segmenter = (language: string) => new Intl.Segmenter(language, { granularity: 'sentence' });

/** The text without Markdown and code, for screen readers. */
export const plainText = (markdown: string) =>
  markdown.replace(MARKS, (_, label?: string) => label ?? ' ').replace(/\s+/g, ' ');

/** The finished sentences of a growing text. The last one is included only when the text has ended. */
export function sentencesOf(markdown: string, language: string, ended: boolean): string[] {
  const openFence = (markdown.match(/^```/gm)?.length ?? 0) % 2 === 1;
  const text = openFence ? markdown.slice(0, markdown.lastIndexOf('```')) : markdown;
  const all = [...segmenter(language).segment(plainText(text))].map(({ segment }) =>
    segment.trim(),
  );
  const finished = ended || openFence ? all : all.slice(0, -1);
  return finished.filter((sentence) => /[\p{L}\p{N}]/u.test(sentence));
}
