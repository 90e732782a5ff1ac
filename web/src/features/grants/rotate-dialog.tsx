import { RotateCw } from "lucide-react";
import { useState } from "react";

import type { Tagged } from "@/api/tagged";
import type { Grant } from "@/api/types";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Select } from "@/components/ui/input";
import { Notice } from "@/components/ui/notice";
import { useGrantActions } from "@/features/grants/queries";
import { TokenPanel } from "@/features/grants/token-panel";
import { useForm } from "@/lib/use-form";

const OVERLAPS: [seconds: number, label: string][] = [
  [0, "at once"],
  [300, "in 5 minutes"],
  [3600, "in an hour"],
  [86_400, "in a day"],
];

/** Replaces the token; the old one may go on for a while, so that agents can change over. */
export function RotateDialog({ read }: { read: Tagged<Grant> }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)}>
        <RotateCw aria-hidden />
        Rotate token
      </Button>
      {open && (
        <Dialog open onOpenChange={setOpen} title={`Rotate the token of ${read.value.label}`}>
          <Rotation read={read} />
        </Dialog>
      )}
    </>
  );
}

function Rotation({ read }: { read: Tagged<Grant> }) {
  const { rotate } = useGrantActions();
  const [token, setToken] = useState<string | null>(null);
  const form = useForm({ overlap: 0 }, [], async ({ overlap }) => {
    setToken((await rotate(read, overlap)).token);
  });
  if (token) return <TokenPanel grant={read.value} token={token} />;
  return (
    <form noValidate onSubmit={form.submit} className="grid gap-4">
      <Field label="The old token stops">
        {(control) => (
          <Select
            {...control}
            value={form.values.overlap}
            onChange={(event) => form.set("overlap", Number(event.target.value))}
          >
            {OVERLAPS.map(([seconds, label]) => (
              <option key={seconds} value={seconds}>
                {label}
              </option>
            ))}
          </Select>
        )}
      </Field>
      {form.failure && <Notice tone="error">{form.failure}</Notice>}
      <div>
        <Button type="submit" variant="primary" busy={form.busy}>
          Make a new token
        </Button>
      </div>
    </form>
  );
}
