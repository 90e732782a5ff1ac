import { Pause, Play } from "lucide-react";

import { Button } from "@/components/ui/button";
import type { LiveState } from "@/features/decisions/use-live";
import { cn } from "@/lib/cn";

const WORDS: Record<LiveState | "paused", string> = {
  connecting: "Connecting…",
  live: "Live: new decisions appear on top.",
  lost: "The line is broken. Trying again…",
  paused: "Paused.",
};

interface LiveBarProps {
  state: LiveState | "paused";
  onToggle: () => void;
}

export function LiveBar({ state, onToggle }: LiveBarProps) {
  const paused = state === "paused";
  const Icon = paused ? Play : Pause;
  return (
    <div className="-mb-3 flex items-center justify-between gap-3">
      <p role="status" className="flex items-center gap-2 text-sm text-dim">
        <span
          aria-hidden
          className={cn(
            "size-2 rounded-full bg-line-strong",
            state === "live" && "bg-lamp",
            state === "lost" && "bg-deny",
          )}
        />
        {WORDS[state]}
      </p>
      <Button size="sm" variant="ghost" onClick={onToggle}>
        <Icon aria-hidden />
        {paused ? "Go on" : "Pause"}
      </Button>
    </div>
  );
}
