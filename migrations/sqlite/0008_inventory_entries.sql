-- What a server says it can, and what it offers beside its tools.

-- JSON: the capabilities as the server sent them.
alter table servers add column identity_capabilities text;
-- JSON: of each list, when it was last read in full, and why the last attempt failed.
alter table servers add column inventory_lists text not null default '{}';

create table inventory_entries (
    account_id blob not null,
    server_id blob not null,
    kind text not null,
    -- The URI of a resource, the pattern of URIs of a template, the name of a prompt.
    key text not null,
    definition text not null,
    first_seen_at integer not null,
    last_seen_at integer not null,
    primary key (account_id, server_id, kind, key),
    foreign key (account_id, server_id) references servers (account_id, id) on delete cascade
) strict;
