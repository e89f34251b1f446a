const isApple = /mac|iphone|ipad/i.test(navigator.platform);

/** `mod` is ⌘ on Apple devices and Ctrl on others. */
const shown = (key: string) => (key === 'mod' ? (isApple ? '⌘' : 'Ctrl') : key);

export function Keys({ keys, boxed = false }: { keys: string; boxed?: boolean }) {
  const look = boxed
    ? 'min-w-6 rounded-small border border-line bg-sunken px-1.5 py-0.5 text-center text-xs text-soft'
    : 'text-faint';
  return (
    <span className="inline-flex gap-1 font-sans">
      {keys.split(' ').map((key) => (
        <kbd key={key} className={`font-sans ${look}`}>
          {shown(key)}
        </kbd>
      ))}
    </span>
  );
}
