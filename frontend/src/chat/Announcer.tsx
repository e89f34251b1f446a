import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type AnswerEntry, answerText, isThinking } from './entries';
import { toolLabel } from './parts/toolLabels';
import { sentencesOf } from './sentences';

/** Announces an answer to screen readers, each sentence once, and announces running tools and thinking. */
export function Announcer({ answer }: { answer: AnswerEntry | null }) {
  const { t, i18n } = useTranslation();
  const announced = useRef({ id: '', count: 0 });
  const [sentences, setSentences] = useState<{ key: string; text: string }[]>([]);
  const running = answer?.state === 'running';
  const text = answer ? answerText(answer) : '';
  const id = answer?.id ?? '';
  const lastStep = answer?.parts.findLast((part) => part.kind !== 'text');
  const status = () => {
    if (!answer || !running) return '';
    if (isThinking(answer)) return t('chat.thinking');
    return lastStep?.kind === 'tool' ? t(toolLabel(lastStep.state), { name: lastStep.name }) : '';
  };

  useEffect(() => {
    const isFollowed = announced.current.id === id;
    if (!running && !isFollowed) return;
    if (!isFollowed) announced.current = { id, count: 0 };
    const all = sentencesOf(text, i18n.language, !running);
    const fresh = all.slice(announced.current.count).map((sentence, index) => ({
      key: `${id}.${announced.current.count + index}`,
      text: sentence,
    }));
    announced.current.count = Math.max(announced.current.count, all.length);
    if (fresh.length > 0) setSentences((before) => [...before, ...fresh].slice(-4));
  }, [id, text, running, i18n.language]);

  return (
    <>
      <div className="sr-only" role="log" aria-live="polite" aria-relevant="additions">
        {sentences.map((sentence) => (
          <p key={sentence.key}>{sentence.text}</p>
        ))}
      </div>
      <p className="sr-only" aria-live="polite">
        {status()}
      </p>
    </>
  );
}
