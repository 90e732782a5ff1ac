import { LogOut } from "lucide-react";

import { problemMessage } from "@/api/problem";
import { toast } from "@/components/ui/toast";
import { useSession } from "@/features/auth/session";

export function SignOutButton() {
  const { signOut } = useSession();
  return (
    <button
      type="button"
      onClick={() => void signOut().catch((error: unknown) => toast(problemMessage(error)))}
      className="inline-flex items-center gap-1.5 rounded-sm py-1 text-white/80 hover:text-white"
    >
      <LogOut aria-hidden className="size-4" />
      Sign out
    </button>
  );
}
