import tailwindcss from "@tailwindcss/vite";
import { tanstackRouter } from "@tanstack/router-plugin/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// The gateway that `npm run dev` speaks to.
const gateway = process.env.OSTIARY_URL ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [
    tanstackRouter({
      target: "react",
      autoCodeSplitting: true,
      quoteStyle: "double",
      semicolons: true,
    }),
    react(),
    tailwindcss(),
  ],
  resolve: { alias: { "@": new URL("./src", import.meta.url).pathname } },
  build: {
    // The content policy forbids data: addresses, so that nothing may be inlined.
    assetsInlineLimit: 0,
    // The editor and the reference of the API are large, and loaded with their own pages only.
    chunkSizeWarningLimit: 1500,
    rollupOptions: {
      input: { index: "index.html", docs: "docs.html" },
    },
  },
  server: {
    port: 5173,
    proxy: { "/api/": gateway, "/schemas/": gateway },
  },
  test: {
    environment: "jsdom",
    include: ["src/**/*.test.{ts,tsx}"],
    setupFiles: ["src/test-setup.ts"],
  },
});
