import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { explainEnding } from './endings';
import { type AnswerEntry, answerText, isThinking } from './entries';
import { toolLabel } from './parts/toolLabels';
import { sentencesOf } from './sentences';

/**
 * Announces an answer to screen readers: each sentence once, why it ended, running tools and thinking. A
 * failure is not announced here, because it is shown as an alert.
 */
export function Announcer({ answer }: { answer: AnswerEntry | null }) {
  const { t, i18n } = useTranslation();
  const announced = useRef({ id: '', count: 0, ended: false });
  const [sentences, setSentences] = useState<{ key: string; text: string }[]>([]);
  const running = answer?.state === 'running';
  const text = answer ? answerText(answer) : '';
  const id = answer?.id ?? '';
  const ending = answer && explainEnding(answer);
  const reason = ending?.reason ?? '';
  const end =
    ending && ending.tone !== 'failed'
      ? ending.words.map((key) => t(key, { reason })).join(' ')
      : '';

  useEffect(() => {
    const isFollowed = announced.current.id === id;
    if (!running && !isFollowed) return;
    if (!isFollowed) announced.current = { id, count: 0, ended: false };
    const all = sentencesOf(text, i18n.language, !running);
    const fresh = all.slice(announced.current.count).map((sentence, index) => ({
      key: `${id}.${announced.current.count + index}`,
      text: sentence,
    }));
    announced.current.count = Math.max(announced.current.count, all.length);
    if (!running && end && !announced.current.ended) {
      announced.current.ended = true;
      fresh.push({ key: `${id}.end`, text: end });
    }
    if (fresh.length > 0) setSentences((before) => [...before, ...fresh].slice(-4));
  }, [id, text, running, end, i18n.language]);

  const lastStep = answer?.parts.findLast((part) => part.kind !== 'text');
  const status = () => {
    if (!answer || !running) return '';
    if (isThinking(answer)) return t('chat.thinking');
    return lastStep?.kind === 'tool' ? t(toolLabel(lastStep.state), { name: lastStep.name }) : '';
  };

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
