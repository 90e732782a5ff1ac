import { useState } from "react";

import type { Tagged } from "@/api/tagged";
import { rebase, type Rebased } from "@/lib/rebase";
import { useForm, type Form } from "@/lib/use-form";

export interface Edit<Values> extends Form<Values> {
  /** What somebody else changed since the editing began, with how it is now. Empty when nothing was typed yet. */
  meanwhile: { changes: Rebased<Values>["changes"]; now: Values } | null;
  /** Gives up what was typed, for what is there now. */
  discard: () => void;
}

/**
 * A form that edits an object which others may change, too. It is sent with the version that it started from; when that
 * is not the newest any more, whether the save was refused for it or the page has read it again, what was typed is carried
 * over to the newest.
 */
export function useEdit<T, Values extends object>(
  read: Tagged<T>,
  valuesOf: (value: T) => Values,
  known: readonly string[],
  save: (values: Values, base: Tagged<T>) => Promise<unknown>,
): Edit<Values> {
  const [base, setBase] = useState(read);
  const [isSaved, setSaved] = useState(false);
  const [meanwhile, setMeanwhile] = useState<Edit<Values>["meanwhile"]>(null);
  const form = useForm(valuesOf(read.value), known, async (values) => {
    await save(values, base);
    setSaved(true);
  });
  const now = valuesOf(read.value);
  const discard = () => {
    setMeanwhile(null);
    form.replace(now);
  };
  // While a save is under way, what is read may be its own effect.
  if (!form.busy && (isSaved || read.etag !== base.etag)) {
    const { values, changes } = rebase(form.values, valuesOf(base.value), now);
    setBase(read);
    setSaved(false);
    if (isSaved || JSON.stringify(values) === JSON.stringify(now)) discard();
    else if (changes.length > 0) {
      form.replace(values);
      setMeanwhile({ changes, now });
    }
  }
  return { ...form, meanwhile, discard };
}
