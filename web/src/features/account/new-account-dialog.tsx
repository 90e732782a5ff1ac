import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Notice } from "@/components/ui/notice";
import { useSession } from "@/features/auth/session";
import { useForm } from "@/lib/use-form";

export function NewAccountDialog({ onClose }: { onClose: () => void }) {
  const { createAccount } = useSession();
  const form = useForm({ name: "" }, ["/name"], async (body) => {
    await createAccount(body);
    onClose();
  });
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title="New account"
      description="With servers, policies, grants and members of its own."
    >
      <form noValidate onSubmit={form.submit} className="grid gap-4">
        <Field label="Account name" error={form.errors["/name"]}>
          {(control) => (
            <Input
              {...control}
              autoComplete="organization"
              value={form.values.name}
              onChange={(event) => form.set("name", event.target.value)}
            />
          )}
        </Field>
        {form.failure && <Notice tone="error">{form.failure}</Notice>}
        <div>
          <Button type="submit" variant="primary" busy={form.busy}>
            Create account
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
