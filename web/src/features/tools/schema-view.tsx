import { Badge } from "@/components/badges";
import { Head, Row, Table, Td, Th } from "@/components/ui/table";
import { parametersOf } from "@/features/tools/parameters";

/** The parameters of a JSON Schema as a table; nested ones are shown by their path. */
export function SchemaView({ schema, label }: { schema: unknown; label: string }) {
  const parameters = parametersOf(schema);
  if (parameters.length === 0) return <p className="text-dim">It takes no parameters.</p>;
  return (
    <Table label={label}>
      <Head>
        <Th>Parameter</Th>
        <Th>Type</Th>
        <Th>Meaning</Th>
      </Head>
      <tbody>
        {parameters.map((parameter) => (
          <Row key={parameter.path}>
            <Td>
              <span className="font-mono text-sm font-semibold">{parameter.path}</span>{" "}
              {parameter.required && <Badge className="border-accent text-accent">required</Badge>}
            </Td>
            <Td className="font-mono text-sm whitespace-nowrap">{parameter.type}</Td>
            <Td className="min-w-40 text-sm">
              {parameter.description}
              {parameter.values && (
                <span className="block font-mono text-dim">
                  one of {parameter.values.join(", ")}
                </span>
              )}
            </Td>
          </Row>
        ))}
      </tbody>
    </Table>
  );
}
