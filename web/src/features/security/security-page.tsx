import { Page } from "@/components/page";
import { EmailPanel } from "@/features/security/email-panel";
import { IdentitiesPanel } from "@/features/security/identities-panel";
import { PasswordPanel } from "@/features/security/password-panel";
import { SecondFactorPanel } from "@/features/security/second-factor-panel";
import { SessionsPanel } from "@/features/security/sessions-panel";

/** How the signed-in person signs in, whatever account they look at. */
export function SecurityPage({ reason }: { reason: string | undefined }) {
  return (
    <Page title="Security" lead="How you sign in. This is about you, in all of your accounts.">
      <EmailPanel />
      <PasswordPanel />
      <SecondFactorPanel />
      <IdentitiesPanel reason={reason} />
      <SessionsPanel />
    </Page>
  );
}
