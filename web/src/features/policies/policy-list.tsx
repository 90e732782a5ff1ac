import { Link } from "@tanstack/react-router";
import { FilePlus2 } from "lucide-react";

import { allItems } from "@/api/paging";
import { More } from "@/components/more";
import { Page } from "@/components/page";
import { Empty, Loaded } from "@/components/states";
import { Time } from "@/components/time";
import { buttonClass } from "@/components/ui/button";
import { Head, Row, Table, Td, Th } from "@/components/ui/table";
import { May } from "@/features/auth/may";
import { usePolicies } from "@/features/policies/queries";
import { count } from "@/lib/format";

function WriteLink() {
  return (
    <May permission="manage_policies">
      <Link to="/policies/new" search={{}} className={buttonClass("primary")}>
        <FilePlus2 aria-hidden />
        Write policy
      </Link>
    </May>
  );
}

export function PolicyList() {
  const policies = usePolicies();
  return (
    <Page
      title="Policies"
      lead="A policy says what one grant may do on one server. Every save is a new version that never changes."
      actions={<WriteLink />}
    >
      <Loaded query={policies}>
        {(data) => {
          const items = allItems(data);
          if (items.length === 0) {
            return (
              <Empty title="No policy yet" action={<WriteLink />}>
                Start from the policy that is recommended for a tool, paste one, or build it from
                rules.
              </Empty>
            );
          }
          return (
            <>
              <Table label="Policies">
                <Head>
                  <Th>Policy</Th>
                  <Th>Server</Th>
                  <Th>Version</Th>
                  <Th>In use by</Th>
                  <Th className="max-md:hidden">Saved</Th>
                </Head>
                <tbody>
                  {items.map((policy) => (
                    <Row key={policy.id}>
                      <Td>
                        <Link
                          to="/policies/$policyId"
                          params={{ policyId: policy.id }}
                          className="font-semibold text-accent hover:underline"
                        >
                          {policy.name}
                        </Link>
                      </Td>
                      <Td className="font-mono text-sm">{policy.server_slug}</Td>
                      <Td>{policy.version}</Td>
                      <Td>
                        {policy.bound_grants === 0 ? (
                          <span className="text-dim">no grant</span>
                        ) : (
                          count(policy.bound_grants, "grant")
                        )}
                      </Td>
                      <Td className="text-dim max-md:hidden">
                        <Time iso={policy.updated_at} />
                      </Td>
                    </Row>
                  ))}
                </tbody>
              </Table>
              <More query={policies} />
            </>
          );
        }}
      </Loaded>
    </Page>
  );
}
