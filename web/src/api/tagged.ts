// Objects with the tag of the version that was read, so that a change says which version it starts from: whoever was
// slower is told, and overwrites nothing unseen.
import { useQuery } from "@tanstack/react-query";

import { ChangedError, isStale, unwrap } from "./problem";
import { useRefresh } from "./refresh";

/** An object as it was read, and the tag of that version. */
export interface Tagged<T> {
  value: T;
  etag: string;
}

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** Unwraps the answer of an operation that says which version it is about. */
export function tagged<T>(answer: Answer<T>): Tagged<T> {
  const value = unwrap(answer);
  const etag = answer.response.headers.get("ETag");
  if (!etag) throw new Error("the answer has no tag");
  return { value, etag };
}

/** The headers of a change that starts from this version. */
export function ifMatch({ etag }: Tagged<unknown>): { "If-Match": string } {
  return { "If-Match": etag };
}

/** Keeps an object with its tag; `path` and `ids` say which, `path` for `useRefresh`, too. */
export function useTagged<T>(path: string, ids: string[], read: () => Promise<Tagged<T>>) {
  return useQuery({ queryKey: ["tagged", path, ...ids], queryFn: read });
}

/**
 * What a change of a list's object starts from. Lists have no tags: the object is read once more, and has to be what was
 * looked at.
 */
export async function readAgain<T>(
  read: () => Promise<Tagged<T>>,
  isSame: (now: T) => boolean,
): Promise<Tagged<T>> {
  const now = await read();
  if (!isSame(now.value)) throw new ChangedError();
  return now;
}

/**
 * Waits for a change and answers what it answers. What is on screen from below the paths is read again, or by `then`; and
 * when somebody else was faster, too, so that the next attempt starts from what is there now.
 */
export function useChange(...paths: string[]) {
  const refresh = useRefresh();
  return async <T>(sending: Promise<Answer<T>>, then = refresh): Promise<T> => {
    const answer = await sending;
    if (answer.response.ok) await then(...paths);
    else if (isStale(answer.error)) await refresh(...paths);
    return unwrap(answer);
  };
}
