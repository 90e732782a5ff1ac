import { useState } from "react";

import { problemMessage } from "@/api/problem";
import type { Policy } from "@/api/types";
import { TextDiff } from "@/components/text-diff";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Notice } from "@/components/ui/notice";

interface ConflictDialogProps {
  theirs: Policy;
  mine: { name: string; text: string };
  onKeepMine: () => Promise<void>;
  onTakeTheirs: () => void;
  onClose: () => void;
}

/** Somebody saved in between: what they wrote against what is here, and three ways on. */
export function ConflictDialog({
  theirs,
  mine,
  onKeepMine,
  onTakeTheirs,
  onClose,
}: ConflictDialogProps) {
  const [error, setError] = useState<unknown>(null);
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title="Somebody else has saved this policy"
      description={`Version ${theirs.version} is in force${theirs.updated_by ? `, by ${theirs.updated_by}` : ""}. Yours is not saved.`}
    >
      <div className="grid gap-4">
        <TextDiff label="Their text against yours" before={theirs.text} after={mine.text} />
        <p className="text-sm text-dim">− is theirs, + is yours.</p>
        {error !== null && <Notice tone="error">{problemMessage(error)}</Notice>}
        <div className="flex flex-wrap gap-2">
          <Button variant="primary" onClick={() => void onKeepMine().catch(setError)}>
            Save mine as version {theirs.version + 1}
          </Button>
          <Button onClick={onTakeTheirs}>Discard mine</Button>
          <Button variant="ghost" onClick={onClose}>
            Go on editing
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
