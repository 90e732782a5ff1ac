import { defineConfig } from "vitest/config";

// Browser tests against a running gateway: OSTIARY_URL and OSTIARY_SAMPLE_URL say where.
export default defineConfig({
  test: {
    environment: "node",
    include: ["e2e/**/*.e2e.ts"],
    testTimeout: 120_000,
    hookTimeout: 60_000,
    fileParallelism: false,
    sequence: { concurrent: false },
  },
});
