import { Link } from "@tanstack/react-router";

import { client } from "@/api/client";
import { unwrap } from "@/api/problem";
import { Button, buttonClass } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { useForm } from "@/lib/use-form";
import { useState } from "react";

/** Confirms an address. It takes a click, so that programs which open links in mails use none up. */
export function VerifyPanel({ token }: { token: string }) {
  const [done, setDone] = useState(false);
  const form = useForm({}, [], async () => {
    unwrap(await client.POST("/api/v1/auth/verify-email", { body: { token } }));
    setDone(true);
  });
  if (done)
    return (
      <div className="grid gap-4">
        <Notice>Your address is confirmed.</Notice>
        <Link to="/" className={buttonClass("primary")}>
          Go to the overview
        </Link>
      </div>
    );
  return (
    <form noValidate onSubmit={form.submit} className="grid gap-4">
      {form.failure && <Notice tone="error">{form.failure}</Notice>}
      <Button type="submit" variant="primary" busy={form.busy}>
        Confirm address
      </Button>
    </form>
  );
}
