import { CopyButton } from "@/components/ui/copy";
import { cn } from "@/lib/cn";

interface CodeBlockProps {
  label: string;
  code: string;
  copy?: boolean;
  /** Breaks long lines; for commands, which nobody reads by their indentation. */
  wrap?: boolean;
  maxHeight?: string;
}

/** Text to be read or copied as it is. */
export function CodeBlock({
  label,
  code,
  copy = true,
  wrap = false,
  maxHeight = "24rem",
}: CodeBlockProps) {
  return (
    <figure className="min-w-0 border bg-sunken">
      <figcaption className="flex min-h-9 items-center justify-between gap-3 border-b py-1 pr-1 pl-3 text-sm text-dim">
        <span>{label}</span>
        {copy && <CopyButton text={code} label={`Copy ${label}`} />}
      </figcaption>
      <pre
        tabIndex={0}
        aria-label={label}
        role="group"
        style={{ maxHeight }}
        className={cn(
          "overflow-auto p-3 font-mono text-sm",
          wrap && "wrap-anywhere whitespace-pre-wrap",
        )}
      >
        {code}
      </pre>
    </figure>
  );
}
