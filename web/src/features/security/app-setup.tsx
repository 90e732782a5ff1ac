import { encode } from "uqr";

import { client } from "@/api/client";
import { unwrap } from "@/api/problem";
import { Button } from "@/components/ui/button";
import { CopyButton } from "@/components/ui/copy";
import { Dialog } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Notice } from "@/components/ui/notice";
import { useForm } from "@/lib/use-form";

interface AppSetupProps {
  setup: { secret: string; uri: string };
  onCodes: (codes: string[] | null) => Promise<unknown>;
  onClose: () => void;
}

/** Shows the secret to the app, and has it prove with a code that it arrived. */
export function AppSetup({ setup, onCodes, onClose }: AppSetupProps) {
  const form = useForm({ code: "" }, ["/code"], async (body) => {
    const confirmed = await client.POST("/api/v1/second-factor/totp/confirm", { body });
    await onCodes(unwrap(confirmed).recovery_codes ?? null);
  });
  return (
    <Dialog open onOpenChange={onClose} title="Set up an app">
      <form noValidate onSubmit={form.submit} className="grid gap-4">
        <p>Scan this with an app that makes codes, or type the secret into it.</p>
        <Picture text={setup.uri} />
        <div className="flex flex-wrap items-center gap-2">
          <code
            data-testid="totp-secret"
            className="min-w-0 border bg-sunken px-2 py-1 font-mono text-sm break-all"
          >
            {setup.secret}
          </code>
          <CopyButton text={setup.secret} label="Copy secret" />
        </div>
        <Field label="Code" hint="The six digits that the app shows." error={form.errors["/code"]}>
          {(control) => (
            <Input
              {...control}
              inputMode="numeric"
              autoComplete="one-time-code"
              className="max-w-40 font-mono"
              value={form.values.code}
              onChange={(event) => form.set("code", event.target.value)}
            />
          )}
        </Field>
        {form.failure && <Notice tone="error">{form.failure}</Notice>}
        <div>
          <Button type="submit" variant="primary" busy={form.busy}>
            Confirm
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

/** A QR code: dark on light in either theme, as cameras expect it. */
function Picture({ text }: { text: string }) {
  const { data, size } = encode(text, { border: 2 });
  const dark = data.flatMap((row, y) => row.flatMap((on, x) => (on ? [`M${x} ${y}h1v1h-1z`] : [])));
  return (
    <svg
      role="img"
      aria-label="QR code of the secret"
      viewBox={`0 0 ${size} ${size}`}
      shapeRendering="crispEdges"
      className="size-48 border bg-white"
    >
      <path d={dark.join("")} fill="black" />
    </svg>
  );
}
