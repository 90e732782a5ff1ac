import { Tabs as Primitive } from "radix-ui";
import type { ReactNode } from "react";

export interface Tab<T extends string> {
  value: T;
  label: ReactNode;
}

interface TabsProps<T extends string> {
  label: string;
  tabs: Tab<T>[];
  value: T;
  onChange: (value: T) => void;
  /** Shown at the right end of the row of tabs. */
  aside?: ReactNode;
  children: ReactNode;
}

export function Tabs<T extends string>({
  label,
  tabs,
  value,
  onChange,
  aside,
  children,
}: TabsProps<T>) {
  return (
    <Primitive.Root
      value={value}
      onValueChange={(next) => onChange(next as T)}
      className="grid min-w-0"
    >
      <div className="flex flex-wrap items-end justify-between gap-x-4 border-b">
        <Primitive.List aria-label={label} className="flex gap-4">
          {tabs.map((tab) => (
            <Primitive.Trigger
              key={tab.value}
              value={tab.value}
              className="-mb-px border-b-2 border-transparent py-2 text-dim hover:text-ink data-[state=active]:border-accent data-[state=active]:font-semibold data-[state=active]:text-ink"
            >
              {tab.label}
            </Primitive.Trigger>
          ))}
        </Primitive.List>
        {aside}
      </div>
      {children}
    </Primitive.Root>
  );
}

export function TabPanel({ value, children }: { value: string; children: ReactNode }) {
  return (
    <Primitive.Content value={value} tabIndex={-1} className="min-w-0 outline-none">
      {children}
    </Primitive.Content>
  );
}
