import { Monitor, Moon, Sun } from "lucide-react";

import { setTheme, useTheme, type Theme } from "@/lib/theme";

const CHOICES: { theme: Theme; label: string; icon: typeof Sun }[] = [
  { theme: "system", label: "Theme of the system", icon: Monitor },
  { theme: "light", label: "Light theme", icon: Sun },
  { theme: "dark", label: "Dark theme", icon: Moon },
];

export function ThemeSwitch() {
  const current = useTheme();
  return (
    <div role="group" aria-label="Theme" className="flex gap-0.5">
      {CHOICES.map(({ theme, label, icon: Icon }) => (
        <button
          key={theme}
          type="button"
          aria-label={label}
          title={label}
          aria-pressed={current === theme}
          onClick={() => setTheme(theme)}
          className="rounded-sm p-1.5 text-current opacity-75 hover:opacity-100 aria-pressed:bg-white/15 aria-pressed:opacity-100"
        >
          <Icon aria-hidden className="size-4" />
        </button>
      ))}
    </div>
  );
}
