-- Who changed what: a chain of events for each account, written in the transactions of the changes.

create table audit_events (
    account_id blob not null references accounts (id) on delete cascade,
    -- 1 for the first of the account, without gaps.
    number integer not null,
    id blob not null unique,
    time integer not null,
    actor_kind text not null,
    actor_id text,
    actor_name text not null,
    action text not null,
    object_kind text not null,
    object_id text not null,
    -- JSON without secrets, in the very text that was hashed.
    before text,
    after text,
    previous_hash blob not null,
    hash blob not null,
    primary key (account_id, number)
) strict, without rowid;

create index audit_events_account_id_object_id_idx on audit_events (account_id, object_id, number);
create index audit_events_account_id_actor_id_idx on audit_events (account_id, actor_id, number);

-- Where each chain ends. Who writes the next event holds the row, so that events of an account come one by one, and
-- events that are cut off at the end are missed.
create table audit_heads (
    account_id blob primary key not null references accounts (id) on delete cascade,
    number integer not null,
    hash blob not null
) strict;
