-- Who changed what: a chain of events for each account, written in the transactions of the changes.

create table audit_events (
    account_id uuid not null references accounts (id) on delete cascade,
    -- 1 for the first of the account, without gaps.
    number bigint not null,
    id uuid not null constraint audit_events_id_key unique,
    time bigint not null,
    actor_kind text not null,
    actor_id text,
    actor_name text not null,
    action text not null,
    object_kind text not null,
    object_id text not null,
    -- JSON without secrets, in the very text that was hashed.
    before text,
    after text,
    previous_hash bytea not null,
    hash bytea not null,
    constraint audit_events_account_id_number_key primary key (account_id, number)
);

-- A tool is named by its server, and entries of an index have a largest size.
create index audit_events_account_id_object_id_idx on audit_events (account_id, left(object_id, 200), number);
create index audit_events_account_id_actor_id_idx on audit_events (account_id, actor_id, number);

-- Where each chain ends. Who writes the next event holds the row, so that events of an account come one by one, and
-- events that are cut off at the end are missed.
create table audit_heads (
    account_id uuid constraint audit_heads_account_id_key primary key references accounts (id) on delete cascade,
    number bigint not null,
    hash bytea not null
);
