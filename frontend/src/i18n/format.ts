const NANO = 1_000_000_000;

/** Formats nano-USD. Amounts below a dollar have two significant digits, because an answer may cost less than a cent. */
export function formatCost(nanoUsd: number, language: string): string {
  const usd = nanoUsd / NANO;
  const small = usd !== 0 && Math.abs(usd) < 0.995;
  return new Intl.NumberFormat(language, {
    style: 'currency',
    currency: 'USD',
    currencyDisplay: 'narrowSymbol',
    ...(small
      ? { maximumSignificantDigits: 2, minimumSignificantDigits: 1 }
      : { minimumFractionDigits: 2, maximumFractionDigits: 2 }),
  }).format(usd);
}

export function formatCount(count: number, language: string): string {
  return new Intl.NumberFormat(language).format(count);
}

export function formatCompact(count: number, language: string): string {
  return new Intl.NumberFormat(language, { notation: 'compact', maximumFractionDigits: 1 }).format(
    count,
  );
}

type Unit = 'millisecond' | 'second' | 'minute';

const formatUnit = (value: number, unit: Unit, language: string, digits = 0) =>
  new Intl.NumberFormat(language, {
    style: 'unit',
    unit,
    unitDisplay: 'narrow',
    maximumFractionDigits: digits,
  }).format(value);

/** Below 0.1 s in milliseconds, so that no duration is shown as 0; from a minute on in minutes and seconds. */
export function formatSeconds(milliseconds: number, language: string): string {
  if (milliseconds < 100) return formatUnit(milliseconds, 'millisecond', language);
  const seconds = milliseconds / 1000;
  if (seconds < 10) return formatUnit(seconds, 'second', language, 1);
  const whole = Math.round(seconds);
  if (whole < 60) return formatUnit(whole, 'second', language);
  const minutes = formatUnit(Math.floor(whole / 60), 'minute', language);
  return whole % 60 === 0 ? minutes : `${minutes} ${formatUnit(whole % 60, 'second', language)}`;
}

/** Formats a calendar day (`2026-11-23`) without converting it to another time zone. */
export function formatDay(
  day: string,
  language: string,
  style: 'short' | 'long' = 'short',
): string {
  return new Intl.DateTimeFormat(language, {
    timeZone: 'UTC',
    month: style === 'short' ? 'short' : 'long',
    day: 'numeric',
    ...(style === 'long' ? { year: 'numeric' } : {}),
  }).format(new Date(`${day}T00:00:00Z`));
}

export function formatMoment(time: string, language: string): string {
  return new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' }).format(
    new Date(time),
  );
}
