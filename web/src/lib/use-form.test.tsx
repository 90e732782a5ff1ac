import { act, renderHook } from "@testing-library/react";
import { expect, it } from "vitest";

import { ProblemError } from "@/api/problem";

import { localPath } from "./local-path";
import { useForm } from "./use-form";

function problem(code: string, errors: { pointer: string; code: string; detail: string }[] = []) {
  return new ProblemError({
    type: "urn:x",
    title: "Not valid",
    status: 422,
    detail: "`errors` says what to change.",
    instance: null,
    code,
    errors,
    retry_after_ms: null,
  });
}

async function submitted(failure: unknown) {
  const hook = renderHook(() =>
    useForm({ email: "" }, ["/email"], () => Promise.reject(failure as Error)),
  );
  await act(async () => hook.result.current.submit());
  return hook.result.current;
}

it("puts a complaint about a field at the field", async () => {
  const form = await submitted(
    problem("invalid_input", [{ pointer: "/email", code: "taken", detail: "is taken" }]),
  );
  expect(form.errors).toEqual({ "/email": "is taken" });
  expect(form.failure).toBeNull();
  expect(form.busy).toBe(false);
});

it("shows a complaint about anything else for the whole form", async () => {
  const form = await submitted(
    problem("invalid_input", [{ pointer: "/other", code: "invalid", detail: "is odd" }]),
  );
  expect(form.failure).toBe("is odd");
});

it("says so when nobody answered", async () => {
  const form = await submitted(new TypeError("Failed to fetch"));
  expect(form.failure).toContain("did not answer");
});

it.each([
  ["/policies?x=1", "/policies?x=1"],
  ["//evil.example/x", "/"],
  ["/\\evil.example", "/"],
  ["https://evil.example", "/"],
  [7, "/"],
])("leads from a sign-in to %j as %j", (asked, path) => expect(localPath(asked)).toBe(path));
