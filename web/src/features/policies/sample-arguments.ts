// Arguments to begin with in the "try it" panel: the required ones, each with the plainest value of its type.

const MAX_DEPTH = 4;

type Json = Record<string, unknown>;

function asObject(value: unknown): Json {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Json)
    : {};
}

function sampleOf(schema: Json, depth: number): unknown {
  if ("const" in schema) return schema["const"];
  if ("default" in schema) return schema["default"];
  if (Array.isArray(schema["enum"])) return schema["enum"][0];
  switch ([schema["type"]].flat()[0]) {
    case "number":
    case "integer":
      return typeof schema["minimum"] === "number" ? schema["minimum"] : 1;
    case "boolean":
      return false;
    case "array":
      return [];
    case "object":
      return depth > MAX_DEPTH ? {} : sampleArguments(schema, depth + 1);
    case "null":
      return null;
    default:
      return "…";
  }
}

export function sampleArguments(schema: unknown, depth = 0): Json {
  const { required, properties } = asObject(schema);
  const members = asObject(properties);
  const names = Array.isArray(required) ? required.filter((name) => typeof name === "string") : [];
  return Object.fromEntries(names.map((name) => [name, sampleOf(asObject(members[name]), depth)]));
}
