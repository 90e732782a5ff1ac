import { Button } from "@/components/ui/button";
import { CopyButton } from "@/components/ui/copy";
import { Dialog } from "@/components/ui/dialog";
import { Notice } from "@/components/ui/notice";

/** Recovery codes, shown once. */
export function RecoveryCodesDialog({ codes, onClose }: { codes: string[]; onClose: () => void }) {
  return (
    <Dialog open onOpenChange={onClose} title="Your recovery codes">
      <div className="grid gap-4">
        <Notice tone="warning">
          Each of these lets you in once when your app or your passkeys are lost. They are shown
          once: keep them where your password is not.
        </Notice>
        <ul
          aria-label="Recovery codes"
          className="grid gap-x-6 gap-y-1 border bg-sunken p-3 font-mono text-sm sm:grid-cols-2"
        >
          {codes.map((code) => (
            <li key={code}>{code}</li>
          ))}
        </ul>
        <div className="flex flex-wrap items-center gap-2">
          <CopyButton text={codes.join("\n")} label="Copy codes" />
          <Button variant="primary" onClick={onClose}>
            I have kept them
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
