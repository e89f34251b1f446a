import { useCallback, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate, useParams } from 'react-router';
import { isNotFound } from '@/api/problem';
import { useShell } from '@/app/shell/state';
import { useIsPhone } from '@/app/useIsPhone';
import { Announcer } from './Announcer';
import { ChatHeader } from './ChatHeader';
import { Composer, type ComposerHandle } from './composer/Composer';
import { useDraft } from './composer/useDraft';
import { Greeting } from './Greeting';
import { JumpToEnd } from './JumpToEnd';
import { LoadFailed } from './LoadFailed';
import { MessageSkeleton } from './MessageSkeleton';
import { useChosenModel } from './models';
import { Starters } from './Starters';
import { Thread } from './Thread';
import { useConversation } from './useConversation';
import { parentOfNextMessage, useConversationActions } from './useConversationActions';
import { useFollowScroll } from './useFollowScroll';
import { useWindowTitle } from './useWindowTitle';

export function ChatPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const phone = useIsPhone();
  const id = useParams().conversationId ?? null;
  const place = id ?? 'new';
  const chat = useConversation(id);
  const { path } = chat;
  const model = useChosenModel(place, chat.conversation.data?.model);
  const actions = useConversationActions(id, path, model);
  const [draft, setDraft] = useDraft(place);
  const composer = useRef<ComposerHandle>(null);
  const scroll = useFollowScroll(id, path[0]?.node.id);
  const last = path.at(-1)?.node;
  const running =
    last?.role === 'assistant' ? last.state === 'running' : last?.delivery === 'sending';
  const empty = path.length === 0 && !chat.loading && !chat.error;
  useWindowTitle(id ? (chat.conversation.data?.title ?? '') : '');

  // biome-ignore lint/correctness/useExhaustiveDependencies: focuses the composer of another conversation
  useEffect(() => {
    if (!phone) composer.current?.focus();
  }, [id, phone]);
  useEffect(
    () =>
      useShell.setState({
        stop: running ? actions.stop : null,
        focusComposer: () => composer.current?.focus(),
      }),
    [running, actions.stop],
  );

  const { ask } = actions;
  const { toEnd } = scroll;
  const send = useCallback(
    (text: string, parentId: string | null) => {
      ask(text, parentId);
      toEnd();
    },
    [ask, toEnd],
  );
  const start = (text: string) => {
    setDraft(text);
    composer.current?.focus();
  };
  const startNewChat = useCallback(() => void navigate('/'), [navigate]);

  return (
    <main id="chat" aria-label={t('chat.main')} className="flex min-h-0 min-w-0 flex-1 flex-col">
      <ChatHeader conversation={id ? chat.conversation.data : undefined} />
      <div
        className={
          empty && !phone ? 'relative flex min-h-0 flex-[5] flex-col' : 'relative min-h-0 flex-1'
        }
      >
        <div ref={scroll.view} className="h-full overflow-y-auto [overflow-anchor:none]">
          <div
            ref={scroll.content}
            className="content-column flex min-h-full flex-col px-4 pt-4 pb-8"
          >
            {chat.loading && <MessageSkeleton />}
            {chat.error && <LoadFailed missing={isNotFound(chat.error)} onRetry={chat.retry} />}
            {empty && <Greeting />}
            {empty && phone && <Starters onStart={start} />}
            <Thread
              path={path}
              expecting={chat.running}
              earlier={chat.earlier}
              actions={actions}
              onSend={send}
              onNewChat={startNewChat}
              onDraft={setDraft}
            />
          </div>
        </div>
        {!scroll.atEnd && (
          <JumpToEnd running={running === true} onJump={() => scroll.toEnd(true)} />
        )}
      </div>
      {!isNotFound(chat.error) && (
        <Composer
          ref={composer}
          place={place}
          text={draft}
          onText={setDraft}
          model={model}
          reasoning={actions.reasoning}
          onReasoning={actions.setReasoning}
          running={running === true}
          stopping={last?.role === 'assistant' && last.stopping}
          onSend={() => {
            send(draft.trim(), parentOfNextMessage(path));
            setDraft('');
          }}
          onStop={actions.stop}
        />
      )}
      {empty && !phone && (
        <div className="flex-[6]">
          <Starters onStart={start} />
        </div>
      )}
      <Announcer answer={last?.role === 'assistant' ? last : null} />
    </main>
  );
}
