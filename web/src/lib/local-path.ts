/** The path where it is one of this site, else `/`: an address from outside never decides where a sign-in leads. */
export function localPath(value: unknown): string {
  if (typeof value !== "string" || !value.startsWith("/")) return "/";
  try {
    const url = new URL(value, "http://local.invalid");
    return url.host === "local.invalid" ? url.pathname + url.search + url.hash : "/";
  } catch {
    return "/";
  }
}
