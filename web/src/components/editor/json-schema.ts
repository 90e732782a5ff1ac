// Walking a JSON Schema by the path of a place in the document, for completion only. The server is the judge.

export interface Schema {
  $ref?: string;
  $defs?: Record<string, Schema>;
  type?: string | string[];
  description?: string;
  properties?: Record<string, Schema | boolean>;
  additionalProperties?: Schema | boolean;
  patternProperties?: Record<string, Schema | boolean>;
  propertyNames?: Schema | boolean;
  items?: Schema | boolean;
  allOf?: Schema[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
}

const MAX_DEPTH = 16;

function isSchema(value: Schema | boolean | undefined): value is Schema {
  return typeof value === "object";
}

/** A schema with everything that its references and alternatives lead to. */
export function expand(root: Schema, schema: Schema, depth = 0): Schema[] {
  if (depth > MAX_DEPTH) return [];
  const found = [schema];
  const name = schema.$ref?.startsWith("#/$defs/") ? schema.$ref.slice("#/$defs/".length) : null;
  const target = name === null ? undefined : root.$defs?.[name];
  const nested = [...(schema.allOf ?? []), ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])];
  for (const next of target ? [target, ...nested] : nested)
    found.push(...expand(root, next, depth + 1));
  return found;
}

function step(schema: Schema, token: string): Schema[] {
  const own = schema.properties?.[token];
  if (own !== undefined) return isSchema(own) ? [own] : [];
  const found: Schema[] = [];
  for (const value of Object.values(schema.patternProperties ?? {}))
    if (isSchema(value)) found.push(value);
  if (isSchema(schema.additionalProperties)) found.push(schema.additionalProperties);
  if (isSchema(schema.items) && /^\d+$/.test(token)) found.push(schema.items);
  return found;
}

/** Every schema that a value at the path may follow. */
export function schemasAt(root: Schema, path: readonly string[]): Schema[] {
  let current = expand(root, root);
  for (const token of path) {
    current = current
      .flatMap((schema) => step(schema, token))
      .flatMap((schema) => expand(root, schema));
  }
  return current;
}

export interface Member {
  name: string;
  description: string;
  /** What to write as its value to begin with. */
  skeleton: string;
}

function skeletonOf(root: Schema, schema: Schema): string {
  const all = expand(root, schema);
  const only = all.find((one) => one.const !== undefined)?.const;
  if (only !== undefined) return JSON.stringify(only);
  const types = all.flatMap((one) => one.type ?? []);
  const type = types[0];
  if (type === "array") return "[]";
  if (type === "object" || all.some((one) => one.properties)) return "{}";
  if (type === "string" || all.some((one) => one.enum)) return '""';
  if (type === "boolean") return "true";
  return "";
}

/** The members that the objects described by the schemas may have. */
export function membersOf(root: Schema, schemas: Schema[]): Member[] {
  const found = new Map<string, Member>();
  for (const schema of schemas) {
    const named = { ...schema.properties };
    if (isSchema(schema.propertyNames)) {
      for (const name of valuesOf(expand(root, schema.propertyNames)))
        named[String(name)] ??= schema.additionalProperties ?? {};
    }
    for (const [name, value] of Object.entries(named)) {
      if (found.has(name) || value === false) continue;
      const described = isSchema(value) ? value : {};
      const description = expand(root, described).find((one) => one.description)?.description ?? "";
      found.set(name, { name, description, skeleton: skeletonOf(root, described) });
    }
  }
  return [...found.values()];
}

/** The values that are written out in the schemas. */
export function valuesOf(schemas: Schema[]): unknown[] {
  const found = new Set<unknown>();
  for (const schema of schemas) {
    if (schema.const !== undefined) found.add(schema.const);
    for (const value of schema.enum ?? []) found.add(value);
    if ([schema.type].flat().includes("boolean"))
      for (const value of [true, false]) found.add(value);
  }
  return [...found];
}
