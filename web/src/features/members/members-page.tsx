import { useState } from "react";

import { Page } from "@/components/page";
import { Button } from "@/components/ui/button";
import { May, NotYours } from "@/features/auth/may";
import { InvitationList } from "@/features/members/invitation-list";
import { InviteDialog } from "@/features/members/invite-dialog";
import { MemberList } from "@/features/members/member-list";

export function MembersPage() {
  return (
    <May
      permission="manage_members"
      otherwise={
        <Page title="Members">
          <NotYours />
        </Page>
      }
    >
      <Members />
    </May>
  );
}

function Members() {
  const [inviting, setInviting] = useState(false);
  return (
    <Page
      title="Members"
      lead="Who works in this account. Nobody gives a role that is above their own."
      actions={
        <Button variant="primary" onClick={() => setInviting(true)}>
          Invite member
        </Button>
      }
    >
      <MemberList />
      <InvitationList />
      {inviting && <InviteDialog onClose={() => setInviting(false)} />}
    </Page>
  );
}
