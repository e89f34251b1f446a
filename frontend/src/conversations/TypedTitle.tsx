import { useEffect, useRef, useState } from 'react';

const PER_LETTER_MS = 28;

/** Types a title that has just changed letter by letter; other titles appear at once. */
export function TypedTitle({ id, title }: { id: string; title: string }) {
  const before = useRef({ id, title });
  const [shown, setShown] = useState<number | null>(null);
  useEffect(() => {
    const changed = before.current.id === id && before.current.title !== title;
    before.current = { id, title };
    if (!changed || matchMedia('(prefers-reduced-motion: reduce)').matches) {
      setShown(null);
      return;
    }
    let length = 0;
    const letters = [...title].length;
    const timer = setInterval(() => {
      length += 1;
      setShown(length < letters ? length : null);
      if (length >= letters) clearInterval(timer);
    }, PER_LETTER_MS);
    return () => clearInterval(timer);
  }, [id, title]);
  if (shown === null) return title;
  return (
    <>
      <span aria-hidden>{[...title].slice(0, shown).join('')}</span>
      <span className="sr-only">{title}</span>
    </>
  );
}
