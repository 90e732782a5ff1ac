import { useState, type FormEvent } from "react";

import { asProblem, fieldErrors, isCode, problemMessage } from "@/api/problem";

export interface Form<Values> {
  values: Values;
  set: <Name extends keyof Values>(name: Name, value: Values[Name]) => void;
  /** Puts other values in place of all of them, about which nothing has been said yet. */
  replace: (values: Values) => void;
  /** The server's complaints by JSON Pointer into the body that was sent. */
  errors: Record<string, string>;
  /** What went wrong with the whole, when no field is to blame. */
  failure: string | null;
  busy: boolean;
  submit: (event?: FormEvent) => void;
}

/**
 * The state of one form whose judge is the server: values, what it said about them, and whether it is being asked.
 * `known` are the pointers that stand at a field; a complaint about anything else becomes the form's failure.
 */
export function useForm<Values extends object>(
  initial: Values,
  known: readonly string[],
  send: (values: Values) => Promise<unknown>,
): Form<Values> {
  const [values, setValues] = useState(initial);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);

  const submit = (event?: FormEvent) => {
    event?.preventDefault();
    if (busy) return;
    setBusy(true);
    setError(null);
    send(values)
      .catch(setError)
      .finally(() => setBusy(false));
  };
  const errors = fieldErrors(error);
  const stray = asProblem(error)?.errors?.find((failure) => !known.includes(failure.pointer));
  const placed = Object.keys(errors).length > 0 && !stray;
  // A policy's findings are listed beside its text, with their places.
  const whole = isCode(error, "invalid_policy")
    ? "The document has errors. Nothing was saved."
    : null;
  return {
    values,
    set: (name, value) => setValues((current) => ({ ...current, [name]: value })),
    replace: (next) => {
      setValues(next);
      setError(null);
    },
    errors,
    failure: error === null || placed ? null : (whole ?? stray?.detail ?? problemMessage(error)),
    busy,
    submit,
  };
}
