import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { expect, it, vi } from "vitest";

import { Dialog } from "./dialog";

function Page() {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button onClick={() => setOpen(true)}>Invite</button>
      {open && (
        <Dialog open onOpenChange={setOpen} title="Invite member">
          <input aria-label="E-mail" />
        </Dialog>
      )}
    </>
  );
}

it("takes the focus to its first field and gives it back", async () => {
  render(<Page />);
  screen.getByRole("button", { name: "Invite" }).focus();
  await userEvent.keyboard("{Enter}");
  await vi.waitFor(() => expect(document.activeElement).toBe(screen.getByLabelText("E-mail")));
  await userEvent.keyboard("{Escape}");
  const opener = screen.getByRole("button", { name: "Invite" });
  await vi.waitFor(() => expect(document.activeElement).toBe(opener));
});
