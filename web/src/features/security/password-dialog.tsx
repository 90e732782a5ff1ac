import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Notice } from "@/components/ui/notice";
import { useForm } from "@/lib/use-form";

interface PasswordDialogProps {
  title: string;
  onPassword: (body: { password: string }) => Promise<unknown>;
  onClose: () => void;
}

/** Asks for the password once more, before something about signing in is changed. */
export function PasswordDialog({ title, onPassword, onClose }: PasswordDialogProps) {
  const form = useForm({ password: "" }, ["/password"], onPassword);
  return (
    <Dialog open onOpenChange={onClose} title={title}>
      <form noValidate onSubmit={form.submit} className="grid gap-4">
        <Field label="Your password" error={form.errors["/password"]}>
          {(control) => (
            <Input
              {...control}
              type="password"
              autoComplete="current-password"
              value={form.values.password}
              onChange={(event) => form.set("password", event.target.value)}
            />
          )}
        </Field>
        {form.failure && <Notice tone="error">{form.failure}</Notice>}
        <div>
          <Button type="submit" variant="primary" busy={form.busy}>
            Go on
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
