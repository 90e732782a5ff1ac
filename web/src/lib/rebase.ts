// What is being typed into a form, carried over to a newer version of what it edits.

export interface Rebased<Values> {
  /** What was typed stays; everything else is as it is now. */
  values: Values;
  /** What is not as it was: whether something else was typed there. */
  changes: { name: keyof Values; isKept: boolean }[];
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** Carries `typed`, which began as `before`, over to `now`. Values are plain data. */
export function rebase<Values extends object>(
  typed: Values,
  before: Values,
  now: Values,
): Rebased<Values> {
  const values = { ...now };
  const changes: Rebased<Values>["changes"] = [];
  for (const name of Object.keys(now) as (keyof Values)[]) {
    const isTyped = !isSame(typed[name], before[name]);
    if (isTyped) values[name] = typed[name];
    if (!isSame(now[name], before[name]) && !isSame(now[name], typed[name]))
      changes.push({ name, isKept: isTyped });
  }
  return { values, changes };
}
