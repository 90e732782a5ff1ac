-- People beyond the first: who is invited, where they are signed in, what was sent to them, and accounts that go.

alter table users add column email_verified_at integer;

-- When the account goes for good, if its deletion was asked for.
alter table accounts add column delete_at integer;

create index accounts_delete_at_idx on accounts (delete_at) where delete_at is not null;

-- A column that is added needs a default here; every statement gives a value.
alter table sessions add column last_used_at integer not null default 0;
alter table sessions add column user_agent text;
alter table sessions add column address text;

update sessions set last_used_at = created_at;

create index sessions_user_id_id_idx on sessions (user_id, id);
create index sessions_expires_at_idx on sessions (expires_at);

create table invitations (
    account_id blob not null references accounts (id) on delete cascade,
    id blob not null,
    email text not null,
    role text not null,
    -- SHA-256 of the token in its link.
    hash blob not null unique,
    -- Whether the link went to the address by mail, and to nobody else: 0 or 1.
    is_mailed integer not null,
    created_by text not null,
    created_at integer not null,
    expires_at integer not null,
    primary key (account_id, id),
    unique (account_id, email)
) strict;

-- Links that were mailed to users; the newest of each purpose.
create table links (
    user_id blob not null references users (id) on delete cascade,
    purpose text not null,
    -- SHA-256 of the token in it.
    hash blob not null unique,
    expires_at integer not null,
    primary key (user_id, purpose)
) strict;

create index links_expires_at_idx on links (expires_at);

-- Attempts to prove who one is, by a hash of who tries what; see the generic cell rate algorithm.
create table attempts (
    key blob primary key not null,
    -- The time from which on the key holds nothing back.
    clear_at_ms integer not null
) strict, without rowid;

create index attempts_clear_at_ms_idx on attempts (clear_at_ms);
