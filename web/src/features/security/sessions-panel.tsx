import { api, client } from "@/api/client";
import { unwrap } from "@/api/problem";
import { useRefresh } from "@/api/refresh";
import type { Session } from "@/api/types";
import { Panel } from "@/components/page";
import { Loaded } from "@/components/states";
import { Time } from "@/components/time";
import { Button } from "@/components/ui/button";
import { Confirm } from "@/components/ui/confirm";
import { toast } from "@/components/ui/toast";
import { browserName } from "@/features/security/browser-name";

export function SessionsPanel() {
  const refresh = useRefresh();
  const sessions = api.useQuery("get", "/api/v1/sessions", { params: { query: { limit: 200 } } });
  const hasOthers = (sessions.data?.items.length ?? 0) > 1;
  const others = hasOthers && (
    <Confirm
      trigger={
        <Button size="sm" variant="danger">
          Sign out the others
        </Button>
      }
      title="Sign out all other browsers?"
      action="Sign out the others"
      onConfirm={async () => {
        unwrap(await client.DELETE("/api/v1/sessions"));
        await refresh("/sessions");
        toast("All other browsers are signed out.");
      }}
    >
      Only the browser you look at stays signed in.
    </Confirm>
  );
  return (
    <Panel title="Where you are signed in" actions={others}>
      <Loaded query={sessions}>
        {({ items }) => (
          <ul className="-my-3 divide-y">
            {items.map((session) => (
              <SessionRow key={session.id} session={session} />
            ))}
          </ul>
        )}
      </Loaded>
    </Panel>
  );
}

function SessionRow({ session }: { session: Session }) {
  const refresh = useRefresh();
  const { id, is_current, user_agent, address, method, created_at, last_used_at } = session;
  const name = browserName(user_agent);
  return (
    <li className="flex flex-wrap items-center justify-between gap-3 py-3">
      <div className="min-w-0">
        <p className="font-semibold">
          {name}
          {is_current && <span className="font-normal text-dim"> (this one)</span>}
        </p>
        <p className="text-sm text-dim">
          {address && <span className="font-mono">{address}, </span>}
          signed in{method === "provider" && " elsewhere"} <Time iso={created_at} />, last used{" "}
          <Time iso={last_used_at} />
        </p>
      </div>
      {!is_current && (
        <Button
          size="sm"
          aria-label={`Sign out ${name}`}
          onClick={() =>
            void client
              .DELETE("/api/v1/sessions/{id}", { params: { path: { id } } })
              .then(() => refresh("/sessions"))
          }
        >
          Sign out
        </Button>
      )}
    </li>
  );
}
