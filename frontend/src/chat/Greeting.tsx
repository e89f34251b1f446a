import { useState } from 'react';
import { useTranslation } from 'react-i18next';

function greetingAt(hour: number) {
  if (hour >= 5 && hour < 12) return 'chat.greetingMorning' as const;
  if (hour >= 12 && hour < 18) return 'chat.greetingAfternoon' as const;
  if (hour >= 18 && hour < 23) return 'chat.greetingEvening' as const;
  return 'chat.greeting' as const;
}

export function Greeting() {
  const { t } = useTranslation();
  const [key] = useState(() => greetingAt(new Date().getHours()));
  return (
    <h1 className="enter-fade mt-auto pt-8 text-center text-xl font-semibold tracking-tight text-balance max-md:mb-auto">
      {t(key)}
    </h1>
  );
}
