import type { Tagged } from "@/api/tagged";
import type { Binding, Grant } from "@/api/types";
import { FormTrouble } from "@/components/form-trouble";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { toast } from "@/components/ui/toast";
import { BindingFields, type BindingDraft } from "@/features/grants/binding-fields";
import { useGrantActions } from "@/features/grants/queries";
import { useServerChoices } from "@/features/servers/queries";
import { useEdit } from "@/lib/use-edit";

interface BindingDialogProps {
  /** Whose. */
  read: Tagged<Grant>;
  /** Null makes a new one. */
  binding: Binding | null;
  onClose: () => void;
}

export function BindingDialog({ read, binding, onClose }: BindingDialogProps) {
  const { bind } = useGrantActions();
  const servers = useServerChoices();
  const valuesOf = (grant: Grant): BindingDraft => {
    const found = grant.bindings.find(({ server_id }) => server_id === binding?.server_id);
    return {
      server_id: binding?.server_id ?? "",
      policy_id: found?.policy_id ?? "",
      mode: found?.mode ?? "enforce",
    };
  };
  const form = useEdit(read, valuesOf, [], async ({ server_id, policy_id, mode }, base) => {
    await bind(base, server_id, policy_id || null, mode);
    toast("The binding is in force.");
    onClose();
  });
  const policyName = (id: string) =>
    read.value.bindings.find(({ policy_id }) => policy_id === id)?.policy_name ?? "none";
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={binding ? `Change the binding to ${binding.server_slug}` : "Bind a server"}
      description="In force for every call that starts after it is saved."
    >
      <form noValidate onSubmit={form.submit} className="grid gap-4">
        <BindingFields
          binding={form.values}
          servers={servers.data?.items ?? []}
          fixedServer={binding !== null}
          onChange={form.replace}
        />
        <FormTrouble
          form={form}
          words={{
            policy_id: ({ policy_id }) => `Policy: ${policyName(policy_id)}`,
            mode: ({ mode }) => `Mode: ${mode}`,
          }}
        />
        <div>
          <Button
            type="submit"
            variant="primary"
            busy={form.busy}
            disabled={form.values.server_id === ""}
          >
            Save binding
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
