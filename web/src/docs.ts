// The interactive reference of the REST API: every operation of the OpenAPI document, to read and to try, signed in as
// the dashboard is or with an API key. Everything it needs is part of this build; no other host is asked for anything.
import "rapidoc/dist/rapidoc-min.js";

const chosen = document.documentElement.dataset["theme"];
const isDark = chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;

const reference = document.createElement("rapi-doc");
const attributes: Record<string, string> = {
  "spec-url": "/api/v1/openapi.json",
  "load-fonts": "false",
  "regular-font": "system-ui, sans-serif",
  "mono-font": "ui-monospace, monospace",
  theme: isDark ? "dark" : "light",
  "bg-color": isDark ? "#15181c" : "#ffffff",
  "primary-color": isDark ? "#8ab4f8" : "#1f5fa8",
  "nav-bg-color": "#23272e",
  "nav-text-color": "#d7dbe0",
  "render-style": "read",
  "schema-style": "table",
  "show-header": "false",
  "allow-server-selection": "false",
  "allow-spec-url-load": "false",
  "allow-spec-file-load": "false",
  "allow-spec-file-download": "true",
  "fetch-credentials": "same-origin",
  "persist-auth": "false",
  "show-method-in-nav-bar": "as-colored-text",
  "use-path-in-nav-bar": "false",
};
for (const [name, value] of Object.entries(attributes)) reference.setAttribute(name, value);
document.body.style.margin = "0";
document.body.append(reference);
