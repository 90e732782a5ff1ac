import type { Binding, Grant } from "@/api/types";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Notice } from "@/components/ui/notice";
import { toast } from "@/components/ui/toast";
import { BindingFields, type BindingDraft } from "@/features/grants/binding-fields";
import { useGrantActions } from "@/features/grants/queries";
import { useServerChoices } from "@/features/servers/queries";
import { useForm } from "@/lib/use-form";

interface BindingDialogProps {
  grant: Grant;
  /** Null makes a new one. */
  binding: Binding | null;
  onClose: () => void;
}

export function BindingDialog({ grant, binding, onClose }: BindingDialogProps) {
  const { bind } = useGrantActions();
  const servers = useServerChoices();
  const initial: BindingDraft = {
    server_id: binding?.server_id ?? "",
    policy_id: binding?.policy_id ?? "",
    mode: binding?.mode ?? "enforce",
  };
  const form = useForm(
    { binding: initial },
    [],
    async ({ binding: { server_id, policy_id, mode } }) => {
      await bind(grant.id, server_id, policy_id || null, mode);
      toast("The binding is in force.");
      onClose();
    },
  );
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={binding ? `Change the binding to ${binding.server_slug}` : "Bind a server"}
      description="In force for every call that starts after it is saved."
    >
      <form noValidate onSubmit={form.submit} className="grid gap-4">
        <BindingFields
          binding={form.values.binding}
          servers={servers.data?.items ?? []}
          fixedServer={binding !== null}
          onChange={(next) => form.set("binding", next)}
        />
        {form.failure && <Notice tone="error">{form.failure}</Notice>}
        <div>
          <Button
            type="submit"
            variant="primary"
            busy={form.busy}
            disabled={form.values.binding.server_id === ""}
          >
            Save binding
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
