const LONGEST = 80;
const LABELS = {
  preparing: 'chat.toolPreparing',
  running: 'chat.toolRunning',
  done: 'chat.toolDone',
  failed: 'chat.toolFailed',
} as const;

export const toolLabel = (state: keyof typeof LABELS) => LABELS[state];

/** Everything, as JSON unless it is plain words. */
export const formatValue = (value: unknown) =>
  typeof value === 'string' ? value : JSON.stringify(value ?? {}, null, 2);

/** The values of an input on one line, as far as they fit; nothing when they say nothing. */
export function summarizeInput(input: Record<string, unknown>): string {
  const values = Object.values(input).map((value) =>
    typeof value === 'object' ? JSON.stringify(value) : `${value}`,
  );
  return shorten(values.join(', '));
}

/** Any text on one line, as far as it fits. */
export function shorten(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > LONGEST ? `${line.slice(0, LONGEST - 1)}…` : line;
}
