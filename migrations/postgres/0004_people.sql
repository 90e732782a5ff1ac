-- People beyond the first: who is invited, where they are signed in, what was sent to them, and accounts that go.

alter table users add column email_verified_at bigint;

-- When the account goes for good, if its deletion was asked for.
alter table accounts add column delete_at bigint;

create index accounts_delete_at_idx on accounts (delete_at) where delete_at is not null;

alter table sessions add column last_used_at bigint;
alter table sessions add column user_agent text;
alter table sessions add column address text;

update sessions set last_used_at = created_at;

alter table sessions alter column last_used_at set not null;

create index sessions_user_id_id_idx on sessions (user_id, id);
create index sessions_expires_at_idx on sessions (expires_at);

create table invitations (
    account_id uuid not null references accounts (id) on delete cascade,
    id uuid not null,
    email text not null,
    role text not null,
    -- SHA-256 of the token in its link.
    hash bytea not null constraint invitations_hash_key unique,
    -- Whether the link went to the address by mail, and to nobody else.
    is_mailed boolean not null,
    created_by text not null,
    created_at bigint not null,
    expires_at bigint not null,
    constraint invitations_account_id_id_key primary key (account_id, id),
    constraint invitations_account_id_email_key unique (account_id, email)
);

-- Links that were mailed to users; the newest of each purpose.
create table links (
    user_id uuid not null references users (id) on delete cascade,
    purpose text not null,
    -- SHA-256 of the token in it.
    hash bytea not null constraint links_hash_key unique,
    expires_at bigint not null,
    constraint links_user_id_purpose_key primary key (user_id, purpose)
);

create index links_expires_at_idx on links (expires_at);

-- Attempts to prove who one is, by a hash of who tries what; see the generic cell rate algorithm.
create table attempts (
    key bytea constraint attempts_key_key primary key,
    -- The time from which on the key holds nothing back.
    clear_at_ms bigint not null
);

create index attempts_clear_at_ms_idx on attempts (clear_at_ms);
