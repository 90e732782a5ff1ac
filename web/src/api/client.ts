// The one typed client. It carries the session cookie; nothing else in the dashboard calls fetch for the API.
import createClient from "openapi-fetch";
import createQueryClient from "openapi-react-query";

import type { paths } from "./schema";
import type { FromVersion } from "./from-version";

// Looked up at every call, so that a test may put another in its place.
export const client = createClient<FromVersion<paths>>({
  baseUrl: location.origin,
  fetch: (request) => globalThis.fetch(request),
});

/** The client's operations as TanStack Query hooks. Errors are problem documents, see `problem.ts`. */
export const api = createQueryClient(client);

/** Runs `callback` whenever an answer says that the session has ended. */
export function onSignedOut(callback: () => void): void {
  client.use({
    onResponse({ response, schemaPath }) {
      if (response.status === 401 && !schemaPath.includes("/auth/") && !schemaPath.endsWith("/me"))
        callback();
    },
  });
}
