const LONGEST = 80;
const LABELS = {
  preparing: 'chat.toolPreparing',
  running: 'chat.toolRunning',
  done: 'chat.toolDone',
  failed: 'chat.toolFailed',
} as const;

export const toolLabel = (state: keyof typeof LABELS) => LABELS[state];

/** A value as text: strings as they are, everything else as JSON. */
export const formatValue = (value: unknown) =>
  typeof value === 'string' ? value : JSON.stringify(value ?? {}, null, 2);

/** The values of a tool's input on one line, shortened to 80 characters. */
export function summarizeInput(input: Record<string, unknown>): string {
  const values = Object.values(input).map((value) =>
    typeof value === 'object' ? JSON.stringify(value) : `${value}`,
  );
  return shorten(values.join(', '));
}

/** The text on one line, shortened to 80 characters. */
export function shorten(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > LONGEST ? `${line.slice(0, LONGEST - 1)}…` : line;
}
