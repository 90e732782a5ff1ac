// RFC 9457 problems: reading them, and finding the failure that belongs to a form field.
import type { Problem } from "./types";

/** A problem as an exception, for code that calls the client outside of a query hook. */
export class ProblemError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail);
    this.name = "ProblemError";
  }
}

function isProblem(value: unknown): value is Problem {
  return typeof value === "object" && value !== null && "code" in value && "title" in value;
}

/** Reads whatever a query or mutation failed with; null when it is no answer of the API (network, proxy). */
export function asProblem(error: unknown): Problem | null {
  if (error instanceof ProblemError) return error.problem;
  return isProblem(error) ? error : null;
}

/** An object is not what it was when somebody looked at it and chose to change it. */
export class ChangedError extends Error {
  constructor() {
    super("changed meanwhile");
    this.name = "ChangedError";
  }
}

/** Whether a change failed because somebody else was faster. */
export function isStale(error: unknown): boolean {
  return error instanceof ChangedError || isCode(error, "stale_version");
}

/** What went wrong, for people. */
export function problemMessage(error: unknown): string {
  if (isStale(error))
    return "Somebody else changed this meanwhile. It has been read again: look at it as it is now, then go on.";
  const problem = asProblem(error);
  // What is wrong with the input stands in the entries; the problem itself only says that there are some.
  if (problem) return problem.errors?.[0]?.detail ?? problem.detail;
  return "Ostiary did not answer. Check that it is running, then try again.";
}

/** The messages of a problem by JSON Pointer: `/email` → "…". The first failure at a place is kept. */
export function fieldErrors(error: unknown): Record<string, string> {
  const found: Record<string, string> = {};
  for (const failure of asProblem(error)?.errors ?? []) found[failure.pointer] ??= failure.detail;
  return found;
}

export function isCode(error: unknown, code: string): boolean {
  return asProblem(error)?.code === code;
}

/** Unwraps an openapi-fetch answer: its data, or the problem as an exception. */
export function unwrap<T>(answer: { data?: T; error?: unknown; response: Response }): T {
  if (answer.error !== undefined || !answer.response.ok) {
    const problem = asProblem(answer.error);
    if (problem) throw new ProblemError(problem);
    throw new Error(`unexpected answer with status ${answer.response.status}`);
  }
  return answer.data as T;
}
