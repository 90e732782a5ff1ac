import { AlertDialog } from "radix-ui";
import { useState, type ReactNode } from "react";

import { problemMessage } from "@/api/problem";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Notice } from "@/components/ui/notice";

interface ConfirmProps {
  /** The button that opens the question. */
  trigger: ReactNode;
  title: string;
  /** What will happen, exactly. */
  children: ReactNode;
  /** The verb on the button that does it. */
  action: string;
  /** A word to type first, for what cannot be undone. */
  phrase?: string;
  onConfirm: () => Promise<unknown>;
}

/** Asks before something is destroyed; stays open and says why when it did not work. */
export function Confirm({ trigger, title, children, action, phrase, onConfirm }: ConfirmProps) {
  const [open, setOpen] = useState(false);
  const [typed, setTyped] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);

  const change = (next: boolean) => {
    setOpen(next);
    setTyped("");
    setError(null);
  };
  const confirm = async () => {
    setBusy(true);
    try {
      await onConfirm();
      change(false);
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };

  return (
    <AlertDialog.Root open={open} onOpenChange={change}>
      <AlertDialog.Trigger asChild>{trigger}</AlertDialog.Trigger>
      <AlertDialog.Portal>
        <AlertDialog.Overlay className="fixed inset-0 z-40 bg-black/50" />
        <AlertDialog.Content className="fixed top-[16vh] left-1/2 z-50 grid w-[min(30rem,calc(100%-1.5rem))] -translate-x-1/2 gap-3 border border-line-strong bg-surface p-5 text-ink shadow-xl">
          <AlertDialog.Title className="text-lg font-semibold">{title}</AlertDialog.Title>
          <AlertDialog.Description asChild>
            <div className="text-dim">{children}</div>
          </AlertDialog.Description>
          {phrase && (
            <Field label={`Type “${phrase}” to go on`}>
              {(control) => (
                <Input
                  {...control}
                  className="font-mono"
                  value={typed}
                  onChange={(event) => setTyped(event.target.value)}
                  autoComplete="off"
                />
              )}
            </Field>
          )}
          {error !== null && <Notice tone="error">{problemMessage(error)}</Notice>}
          <div className="mt-1 flex justify-end gap-2">
            <AlertDialog.Cancel asChild>
              <Button>Cancel</Button>
            </AlertDialog.Cancel>
            <Button
              variant="danger"
              busy={busy}
              disabled={phrase !== undefined && typed !== phrase}
              onClick={() => void confirm()}
            >
              {action}
            </Button>
          </div>
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
