// A tool's input schema flattened into rows for people. The schema comes from the server: nothing about it is certain.

export interface Parameter {
  /** As it is written in a policy's path, after `args.`. */
  path: string;
  type: string;
  required: boolean;
  description: string;
  values: string[] | null;
}

const MAX_DEPTH = 5;
const MAX_ROWS = 200;

type Json = Record<string, unknown>;

function asObject(value: unknown): Json {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Json)
    : {};
}

function typeOf(schema: Json): string {
  const { type, enum: values } = schema;
  if (Array.isArray(type)) return type.join(" | ");
  if (type === "array") return `array of ${typeOf(asObject(schema["items"]))}`;
  if (typeof type === "string") return type;
  return Array.isArray(values) ? "enum" : "any";
}

function step(name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_-]*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
}

/** Lists the parameters, parents before children, required ones as the schema says. */
export function parametersOf(schema: unknown): Parameter[] {
  const rows: Parameter[] = [];
  const walk = (node: Json, prefix: string, depth: number) => {
    const required = Array.isArray(node["required"]) ? node["required"] : [];
    for (const [name, value] of Object.entries(asObject(node["properties"]))) {
      if (rows.length >= MAX_ROWS) return;
      const child = asObject(value);
      const path = prefix + step(name);
      rows.push({
        path: path.replace(/^\./, ""),
        type: typeOf(child),
        required: required.includes(name),
        description: typeof child["description"] === "string" ? child["description"] : "",
        values: Array.isArray(child["enum"])
          ? child["enum"].map((one) => JSON.stringify(one))
          : null,
      });
      if (depth >= MAX_DEPTH) continue;
      walk(child, path, depth + 1);
      if (child["type"] === "array") walk(asObject(child["items"]), `${path}[*]`, depth + 1);
    }
  };
  walk(asObject(schema), "", 1);
  return rows;
}
