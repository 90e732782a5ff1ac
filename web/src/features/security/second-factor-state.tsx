import type { components } from "@/api/schema";
import { Time } from "@/components/time";
import { Button } from "@/components/ui/button";
import type { Wish } from "@/features/security/second-factor-panel";
import { hasPasskeys } from "@/lib/passkey";

interface SecondFactorStateProps {
  state: components["schemas"]["SecondFactor"];
  onWish: (wish: Wish) => void;
}

/** What is asked for besides the password, and what can be done about it. */
export function SecondFactorState({ state, onWish }: SecondFactorStateProps) {
  return (
    <div className="grid gap-4">
      {!state.is_enabled && (
        <p className="max-w-prose text-dim">
          With an app that makes codes, or a passkey, a password alone does not let anybody in.
        </p>
      )}
      {state.has_app && <p>A code of your app is asked for when you sign in.</p>}
      {state.passkeys.length > 0 && (
        <ul aria-label="Passkeys" className="divide-y border-y">
          {state.passkeys.map((passkey) => (
            <li key={passkey.id} className="flex flex-wrap items-center justify-between gap-2 py-2">
              <span className="min-w-0 break-words">
                {passkey.name}
                <span className="block text-sm text-dim">
                  {passkey.last_used_at ? (
                    <>
                      last used <Time iso={passkey.last_used_at} />
                    </>
                  ) : (
                    "not used yet"
                  )}
                </span>
              </span>
              <Button
                size="sm"
                aria-label={`Remove passkey ${passkey.name}`}
                onClick={() => onWish({ to: "remove", id: passkey.id })}
              >
                Remove
              </Button>
            </li>
          ))}
        </ul>
      )}
      {state.is_enabled && (
        <p className="text-sm text-dim">
          {state.recovery_codes_left} recovery {state.recovery_codes_left === 1 ? "code" : "codes"}{" "}
          left
        </p>
      )}
      <div className="flex flex-wrap gap-2">
        {!state.has_app && <Button onClick={() => onWish({ to: "app" })}>Set up app</Button>}
        {state.can_have_passkeys && hasPasskeys && (
          <Button onClick={() => onWish({ to: "passkey" })}>Add passkey</Button>
        )}
        {state.is_enabled && (
          <>
            <Button onClick={() => onWish({ to: "renew" })}>New recovery codes</Button>
            <Button variant="danger" onClick={() => onWish({ to: "disable" })}>
              Disable
            </Button>
          </>
        )}
      </div>
    </div>
  );
}
