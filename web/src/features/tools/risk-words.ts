import type { Category } from "@/api/types";

/** Why a tool of a category gets the rule that is recommended for it. */
export const WHY: Record<Category, string> = {
  read: "It retrieves and changes nothing: listing it is enough. Everything else on the server is denied.",
  write:
    "It creates or changes data. A cap keeps an agent in a loop from making hundreds of changes a minute.",
  execute:
    "What it sets off depends on its arguments. A tighter cap, and every call checked against the tool’s own schema.",
  destructive: "What it does cannot be undone. Agents do not see it unless you say otherwise.",
  financial: "It moves money or commits to pay. A person approves each call.",
  other: "Nothing in its definition says what it does. A cap until somebody has looked.",
};
