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

/** Below 0.1 s in milliseconds, so that no duration is shown as 0. */
export function formatSeconds(milliseconds: number, language: string): string {
  if (milliseconds < 100) {
    return new Intl.NumberFormat(language, {
      style: 'unit',
      unit: 'millisecond',
      unitDisplay: 'narrow',
      maximumFractionDigits: 0,
    }).format(milliseconds);
  }
  const seconds = milliseconds / 1000;
  return new Intl.NumberFormat(language, {
    style: 'unit',
    unit: 'second',
    unitDisplay: 'narrow',
    maximumFractionDigits: seconds < 10 ? 1 : 0,
  }).format(seconds);
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
