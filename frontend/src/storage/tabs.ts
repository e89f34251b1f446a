/** A message from one tab to the other tabs of the same browser. */
export type TabMessage =
  | { type: 'signed-out' }
  | { type: 'signed-in' }
  | { type: 'conversations-changed' }
  | { type: 'turn-started'; conversationId: string; turnId: string }
  | { type: 'turn-ended'; conversationId: string; turnId: string };

const channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel('colloquy');

export function postToTabs(news: TabMessage): void {
  channel?.postMessage(news);
}

export function onTabMessage(listen: (news: TabMessage) => void): () => void {
  const onMessage = (event: MessageEvent<TabMessage>) => listen(event.data);
  channel?.addEventListener('message', onMessage);
  return () => channel?.removeEventListener('message', onMessage);
}
