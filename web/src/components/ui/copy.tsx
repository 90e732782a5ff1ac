import { Check, Copy } from "lucide-react";
import { useState } from "react";

import { Button, IconButton } from "@/components/ui/button";

const SHOWN_MS = 2000;

function useCopy(text: string): [copied: boolean, copy: () => Promise<void>] {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), SHOWN_MS);
  };
  return [copied, copy];
}

export function CopyButton({ text, label = "Copy" }: { text: string; label?: string }) {
  const [copied, copy] = useCopy(text);
  const Icon = copied ? Check : Copy;
  return (
    <Button size="sm" onClick={() => void copy()} aria-label={copied ? "Copied" : label}>
      <Icon aria-hidden />
      {copied ? "Copied" : "Copy"}
    </Button>
  );
}

export function CopyIcon({ text, label }: { text: string; label: string }) {
  const [copied, copy] = useCopy(text);
  const Icon = copied ? Check : Copy;
  return (
    <IconButton label={copied ? "Copied" : label} onClick={() => void copy()} className="size-6">
      <Icon aria-hidden />
    </IconButton>
  );
}
