/** The door ajar with its lamp; the same drawing as `public/favicon.svg`. */
export function Logo({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" aria-hidden className={className}>
      <path className="fill-current" d="M3 31V16a13 13 0 0 1 26 0v15z" />
      <path className="fill-stone" d="M8 31V16a8 8 0 0 1 8-8v23z" />
      <circle className="fill-lamp" cx="20.5" cy="20" r="2.5" />
    </svg>
  );
}
