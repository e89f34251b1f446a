/** What one tab tells the others of the same person. */
export type TabNews =
  | { type: 'signed-out' }
  | { type: 'signed-in' }
  | { type: 'conversations-changed' }
  | { type: 'turn-started'; conversationId: string; turnId: string }
  | { type: 'turn-ended'; conversationId: string; turnId: string };

const channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel('colloquy');

export function tellTabs(news: TabNews): void {
  channel?.postMessage(news);
}

export function hearTabs(listen: (news: TabNews) => void): () => void {
  const onMessage = (event: MessageEvent<TabNews>) => listen(event.data);
  channel?.addEventListener('message', onMessage);
  return () => channel?.removeEventListener('message', onMessage);
}
