import { useQueryClient, type QueryKey } from "@tanstack/react-query";
import { useCallback } from "react";

function isBelow(paths: string[]) {
  return ({ queryKey: [, path] }: { queryKey: QueryKey }) =>
    typeof path === "string" && paths.some((prefix) => path.startsWith(`/api/v1${prefix}`));
}

/** Marks everything read from below the given paths as out of date; what is on screen is read again. */
export function useRefresh(): (...paths: string[]) => Promise<void> {
  const cache = useQueryClient();
  return useCallback((...paths) => cache.invalidateQueries({ predicate: isBelow(paths) }), [cache]);
}

/** The same after something was deleted: nothing is read again before its page has been left. */
export function useForget(): (...paths: string[]) => Promise<void> {
  const cache = useQueryClient();
  return useCallback(
    (...paths) => cache.invalidateQueries({ predicate: isBelow(paths), refetchType: "none" }),
    [cache],
  );
}
