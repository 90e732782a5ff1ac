import { client } from "@/api/client";
import { unwrap } from "@/api/problem";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Notice } from "@/components/ui/notice";
import { makePasskey } from "@/lib/passkey";
import { useForm } from "@/lib/use-form";

interface PasskeySetupProps {
  question: { ceremony: string; options: unknown };
  onCodes: (codes: string[] | null) => Promise<unknown>;
  onClose: () => void;
}

/** Names a new passkey and has the device make it. */
export function PasskeySetup({ question, onCodes, onClose }: PasskeySetupProps) {
  const form = useForm({ name: "" }, ["/name"], async ({ name }) => {
    const credential = await makePasskey(question.options);
    const body = { ceremony: question.ceremony, name, credential };
    const added = unwrap(await client.POST("/api/v1/second-factor/passkeys/confirm", { body }));
    await onCodes(added.recovery_codes ?? null);
  });
  return (
    <Dialog open onOpenChange={onClose} title="Add a passkey">
      <form noValidate onSubmit={form.submit} className="grid gap-4">
        <p>Your browser asks for a fingerprint, a face, a PIN or a security key.</p>
        <Field
          label="Name"
          hint="By which you tell it from others, such as Laptop."
          error={form.errors["/name"]}
        >
          {(control) => (
            <Input
              {...control}
              value={form.values.name}
              onChange={(event) => form.set("name", event.target.value)}
            />
          )}
        </Field>
        {form.failure && <Notice tone="error">{form.failure}</Notice>}
        <div>
          <Button type="submit" variant="primary" busy={form.busy}>
            Add passkey
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
