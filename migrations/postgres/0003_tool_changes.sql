-- What people say against the computed category, and what changed since a person accepted it.

alter table tools add column override_category text;
alter table tools add column override_risk text;
alter table tools add column override_by text;
alter table tools add column override_at bigint;
-- Set while the server does not offer the tool. The row is kept, so that a tool cannot come back as another one unseen.
alter table tools add column gone_at bigint;

-- When somebody last set out to read the inventory on schedule.
alter table servers add column inventory_tried_at bigint;

create table tool_changes (
    account_id uuid not null,
    id uuid not null,
    server_id uuid not null,
    kind text not null,
    tool text not null,
    previous_name text,
    -- JSON: a definition, or a text.
    before text,
    after text,
    category_before text,
    category_after text,
    detected_at bigint not null,
    -- Both or neither.
    reviewed_by text,
    reviewed_at bigint,
    constraint tool_changes_account_id_id_key primary key (account_id, id),
    foreign key (account_id, server_id) references servers (account_id, id) on delete cascade,
    check ((reviewed_by is null) = (reviewed_at is null))
);

create index tool_changes_account_id_server_id_idx on tool_changes (account_id, server_id, id);
create index servers_inventory_tried_at_idx on servers (inventory_tried_at);
