import { createHighlighterCore, type HighlighterCore } from 'shiki/core';
import { createJavaScriptRegexEngine } from 'shiki/engine/javascript';
import { languages } from './languages';

export type Token = { content: string; style: Record<string, string> };

let highlighter: Promise<HighlighterCore> | null = null;

/** Uses the browser's regular expressions instead of WebAssembly, which the page's policy forbids. */
const open = () =>
  createHighlighterCore({
    themes: [
      import('shiki/themes/github-light-high-contrast.mjs'),
      import('shiki/themes/github-dark.mjs'),
    ],
    langs: [],
    engine: createJavaScriptRegexEngine({ forgiving: true }),
  });

/** The code as lines of coloured pieces; null when the language is not known. */
export async function tokenize(code: string, language: string): Promise<Token[][] | null> {
  const load = languages[language.toLowerCase()];
  if (!load) return null;
  highlighter ??= open();
  const core = await highlighter;
  const grammar = await load();
  await core.loadLanguage(grammar);
  const name = grammar.default[0]?.name ?? language;
  const { tokens } = core.codeToTokens(code, {
    lang: grammar.default.at(-1)?.name ?? name,
    themes: { light: 'github-light-high-contrast', dark: 'github-dark' },
    defaultColor: false,
  });
  return tokens.map((line) =>
    line.map(({ content, htmlStyle }) => ({
      content,
      style: typeof htmlStyle === 'object' ? htmlStyle : {},
    })),
  );
}
