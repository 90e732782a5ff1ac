// What is shown in place of a page: on the way, not there, or broken.
import { Link, type ErrorComponentProps } from "@tanstack/react-router";

import { Page } from "@/components/page";
import { Failure, LoadingRows } from "@/components/states";
import { buttonClass } from "@/components/ui/button";

export function Waiting() {
  return <LoadingRows />;
}

export function Lost() {
  return (
    <Page
      title="No such page"
      lead="The address leads nowhere. It may have been typed wrongly, or be out of date."
    >
      <div>
        <Link to="/" className={buttonClass()}>
          Go to the overview
        </Link>
      </div>
    </Page>
  );
}

export function Broken({ error, reset }: ErrorComponentProps) {
  return (
    <div className="p-6">
      <Page title="This page could not be shown">
        <Failure error={error} retry={reset} />
      </Page>
    </div>
  );
}
