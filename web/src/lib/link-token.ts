import { useLocation } from "@tanstack/react-router";

/** The token of a link that was sent: what stands behind `#`, which browsers tell no server. */
export function useLinkToken(): string {
  return useLocation({ select: (location) => location.hash });
}
