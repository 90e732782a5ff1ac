// The query cache: how long an answer stays fresh, and what is asked again.
import { QueryClient } from "@tanstack/react-query";

import { asProblem } from "./problem";

export function createQueryCache(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        // A problem is an answer; only a missing answer is worth asking again.
        retry: (failures, error) => asProblem(error) === null && failures < 2,
      },
    },
  });
}
