import mermaid from 'mermaid';

let diagramCount = 0;

/** The diagram as an image's address; null when Mermaid cannot read it. */
export async function renderDiagram(code: string): Promise<string | null> {
  const isDark = document.documentElement.dataset.theme === 'dark';
  mermaid.initialize({
    startOnLoad: false,
    securityLevel: 'strict',
    theme: isDark ? 'dark' : 'neutral',
    htmlLabels: false,
    flowchart: { htmlLabels: false },
    fontFamily: 'system-ui, sans-serif',
    suppressErrorRendering: true,
  });
  diagramCount += 1;
  try {
    const { svg } = await mermaid.render(`diagram-${diagramCount}`, code);
    return `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  } catch (error) {
    // For invalid text, Mermaid throws strings, parser objects or errors.
    if (error instanceof TypeError) throw error;
    return null;
  }
}
