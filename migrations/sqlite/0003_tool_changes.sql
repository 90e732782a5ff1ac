-- What people say against the computed category, and what changed since a person accepted it.

alter table tools add column override_category text;
alter table tools add column override_risk text;
alter table tools add column override_by text;
alter table tools add column override_at integer;
-- Set while the server does not offer the tool. The row is kept, so that a tool cannot come back as another one unseen.
alter table tools add column gone_at integer;

-- When somebody last set out to read the inventory on schedule.
alter table servers add column inventory_tried_at integer;

create table tool_changes (
    account_id blob not null,
    id blob not null,
    server_id blob not null,
    kind text not null,
    tool text not null,
    previous_name text,
    -- JSON: a definition, or a text.
    before text,
    after text,
    category_before text,
    category_after text,
    detected_at integer not null,
    -- Both or neither.
    reviewed_by text,
    reviewed_at integer,
    primary key (account_id, id),
    foreign key (account_id, server_id) references servers (account_id, id) on delete cascade,
    check ((reviewed_by is null) = (reviewed_at is null))
) strict;

create index tool_changes_account_id_server_id_idx on tool_changes (account_id, server_id, id);
create index servers_inventory_tried_at_idx on servers (inventory_tried_at);
