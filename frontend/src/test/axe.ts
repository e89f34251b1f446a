import axe from 'axe-core';

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'];
/** Rules about a whole page, and about colours, which jsdom does not compute. */
const OFF = ['region', 'page-has-heading-one', 'landmark-one-main', 'color-contrast'];

/** The accessibility violations in this part of a page, as axe names them. */
export async function violationsIn(element: Element): Promise<string[]> {
  const { violations } = await axe.run(element, {
    runOnly: RULES,
    rules: Object.fromEntries(OFF.map((rule) => [rule, { enabled: false }])),
  });
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}
