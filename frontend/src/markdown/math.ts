import 'katex/dist/katex.min.css';
import rehypeKatex from 'rehype-katex';
import remarkMath from 'remark-math';
import type { Pluggable } from 'unified';

export interface MathPlugins {
  remark: Pluggable;
  rehype: Pluggable;
}

export const plugins: MathPlugins = {
  remark: [remarkMath, { singleDollarTextMath: false }],
  // `trust` stays off, so that a formula cannot contain links, images or HTML.
  rehype: [
    rehypeKatex,
    { throwOnError: false, trust: false, errorColor: 'currentColor', maxExpand: 200 },
  ],
};
