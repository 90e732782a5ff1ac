import { X } from "lucide-react";
import { Dialog as Primitive } from "radix-ui";
import { useRef, useState, type ReactNode } from "react";

import { cn } from "@/lib/cn";

interface DialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  description?: ReactNode;
  /** `side` is a drawer at the right edge, for details beside a list. */
  placement?: "center" | "side";
  children: ReactNode;
}

const PLACE = {
  center:
    "top-[8vh] left-1/2 max-h-[84vh] w-[min(36rem,calc(100%-1.5rem))] -translate-x-1/2 border",
  side: "inset-y-0 right-0 w-[min(34rem,100%)] border-l",
};

/** What is filled in first. */
const FIRST_FIELD = "input, select, textarea";

/**
 * A modal, there as long as it is open: focus goes to its first field, stays in, and goes back to where it came from.
 * Escape closes it.
 */
export function Dialog({
  open,
  onOpenChange,
  title,
  description,
  placement = "center",
  children,
}: DialogProps) {
  const content = useRef<HTMLDivElement>(null);
  // No trigger is known to the primitive: whoever opened the dialog had the focus when it was first rendered.
  const [opener] = useState(() => document.activeElement);
  return (
    <Primitive.Root open={open} onOpenChange={onOpenChange}>
      <Primitive.Portal>
        <Primitive.Overlay className="fixed inset-0 z-40 bg-black/50" />
        <Primitive.Content
          ref={content}
          onOpenAutoFocus={(event) => {
            const field = content.current?.querySelector<HTMLElement>(FIRST_FIELD);
            if (!field) return;
            event.preventDefault();
            field.focus();
          }}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            if (opener instanceof HTMLElement) opener.focus();
          }}
          {...(description ? {} : { "aria-describedby": undefined })}
          className={cn(
            "fixed z-50 flex flex-col border-line-strong bg-surface text-ink shadow-xl",
            PLACE[placement],
          )}
        >
          <div className="flex items-start justify-between gap-4 border-b px-5 py-3.5">
            <div className="min-w-0">
              <Primitive.Title className="text-lg font-semibold">{title}</Primitive.Title>
              {description && (
                <Primitive.Description className="text-sm text-dim">
                  {description}
                </Primitive.Description>
              )}
            </div>
            <Primitive.Close
              aria-label="Close"
              className="-mr-1.5 rounded-sm p-1.5 text-dim hover:bg-sunken hover:text-ink"
            >
              <X aria-hidden className="size-4" />
            </Primitive.Close>
          </div>
          <div className="min-h-0 flex-1 overflow-y-auto px-5 py-4">{children}</div>
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  );
}
