// What differs between the two sides of an audit event, member by member.

export interface Change {
  name: string;
  /** None where the member, or the whole object, was not there. */
  before?: string;
  after?: string;
}

type Side = Record<string, unknown> | null | undefined;

function text(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value, null, 1);
}

/** Members that are not the same on both sides; of something new or gone, all that say something. */
export function changes(before: Side, after: Side): Change[] {
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
  return names
    .map((name) => {
      const [old, now] = [before?.[name] ?? null, after?.[name] ?? null];
      const change: Change = { name };
      if (old !== null) change.before = text(old);
      if (now !== null) change.after = text(now);
      return change;
    })
    .filter((change) => change.before !== change.after);
}

/** `grant_rotated` as `Grant rotated`. */
export function words(name: string): string {
  const spaced = name.replaceAll("_", " ");
  return (spaced.charAt(0).toUpperCase() + spaced.slice(1)).replace(/\bapi\b/gi, "API");
}
