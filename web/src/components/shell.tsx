import { Link } from "@tanstack/react-router";
import { Menu, X } from "lucide-react";
import { useState, type ReactNode } from "react";

import type { Me } from "@/api/types";
import { AccountSwitcher } from "@/components/account-switcher";
import { Logo } from "@/components/logo";
import { ThemeSwitch } from "@/components/theme-switch";
import { Notice } from "@/components/ui/notice";
import { allows } from "@/features/auth/may";
import { SignOutButton } from "@/features/auth/sign-out-button";
import { cn } from "@/lib/cn";

const PLACES = [
  { to: "/", label: "Overview" },
  { to: "/servers", label: "Servers" },
  { to: "/policies", label: "Policies" },
  { to: "/grants", label: "Grants" },
  { to: "/decisions", label: "Decisions" },
] as const;
const SETTINGS = [
  { to: "/api-keys", label: "API keys", permission: "manage_access" },
  { to: "/audit-events", label: "Audit events", permission: "manage_members" },
  { to: "/members", label: "Members", permission: "manage_members" },
  { to: "/usage", label: "Usage", permission: null },
  { to: "/account", label: "Account", permission: null },
  { to: "/security", label: "Security", permission: null },
] as const;

interface PlacesProps {
  label: string;
  places: readonly { to: string; label: string }[];
  onGo: () => void;
}

function Places({ label, places, onGo }: PlacesProps) {
  return (
    <ul aria-label={label} className="grid">
      {places.map((place) => (
        <li key={place.to}>
          <Link
            to={place.to}
            onClick={onGo}
            activeOptions={{ exact: place.to === "/" }}
            className="block border-l-3 border-transparent py-1.5 pl-4 text-white/80 outline-lamp hover:bg-white/8 hover:text-white data-[status=active]:border-lamp data-[status=active]:bg-white/10 data-[status=active]:font-semibold data-[status=active]:text-white"
          >
            {place.label}
          </Link>
        </li>
      ))}
    </ul>
  );
}

/** What stands around every page of a signed-in person: the way around, whose account it is, the way out. */
export function Shell({ me, children }: { me: Me; children: ReactNode }) {
  const [open, setOpen] = useState(false);
  const settings = SETTINGS.filter(
    ({ permission }) => permission === null || allows(me.role, permission),
  );
  const close = () => setOpen(false);
  const Icon = open ? X : Menu;
  return (
    <div className="min-h-dvh lg:grid lg:grid-cols-[13rem_minmax(0,1fr)]">
      <a
        href="#main"
        className="sr-only z-50 bg-surface px-4 py-2 focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
      >
        Skip to the content
      </a>
      <header className="flex flex-col bg-stone text-white lg:sticky lg:top-0 lg:h-dvh">
        <div className="flex h-14 items-center justify-between gap-3 px-4">
          <Link to="/" onClick={close} className="flex items-center gap-2.5 outline-lamp">
            <Logo className="size-7 text-white/90" />
            <span className="text-lg font-semibold tracking-tight">Ostiary</span>
          </Link>
          <button
            type="button"
            aria-expanded={open}
            aria-controls="places"
            aria-label="Menu"
            onClick={() => setOpen(!open)}
            className="rounded-sm p-2 outline-lamp lg:hidden"
          >
            <Icon aria-hidden className="size-5" />
          </button>
        </div>
        <nav
          id="places"
          aria-label="Main"
          className={cn(
            "flex-1 flex-col justify-between pb-4 lg:flex lg:pt-3",
            open ? "flex" : "hidden",
          )}
        >
          <div className="grid gap-4">
            <Places label="Gateway" places={PLACES} onGo={close} />
            <Places label="Settings" places={settings} onGo={close} />
          </div>
          <div className="mt-6 grid gap-3 px-4 text-sm [&_*]:outline-lamp">
            <AccountSwitcher me={me} />
            <div className="flex items-center justify-between">
              <SignOutButton />
              <ThemeSwitch />
            </div>
          </div>
        </nav>
      </header>
      <main
        id="main"
        tabIndex={-1}
        className="min-w-0 px-4 py-6 outline-none sm:px-6 lg:px-10 lg:py-8"
      >
        <div className="mx-auto max-w-6xl">
          {me.account.delete_at && (
            <div className="mb-5">
              <Notice tone="warning">
                This account is going to be deleted, and its agents are turned away.{" "}
                <Link to="/account" className="font-semibold underline">
                  Look at the account
                </Link>
              </Notice>
            </div>
          )}
          {children}
        </div>
      </main>
    </div>
  );
}
