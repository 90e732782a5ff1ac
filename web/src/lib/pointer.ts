// JSON Pointer (RFC 6901).

/** Splits a pointer into its reference tokens; the empty pointer has none. */
export function tokens(pointer: string): string[] {
  if (!pointer.startsWith("/")) return [];
  return pointer
    .slice(1)
    .split("/")
    .map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** Joins reference tokens to a pointer. */
export function pointer(...path: (string | number)[]): string {
  return path.map((t) => `/${String(t).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}
