-- Passkeys: devices that prove who somebody is. Nothing here is secret.

create table passkeys (
    id uuid constraint passkeys_id_key primary key,
    user_id uuid not null references users (id) on delete cascade,
    name text not null,
    -- What browsers call it by.
    credential_id bytea not null constraint passkeys_credential_id_key unique,
    -- Its public key and its counter, as JSON.
    credential text not null,
    created_at bigint not null,
    last_used_at bigint
);

create index passkeys_user_id_idx on passkeys (user_id);

-- What a browser was asked, until it has answered: each is answered once.
create table passkey_ceremonies (
    id uuid constraint passkey_ceremonies_id_key primary key,
    user_id uuid not null references users (id) on delete cascade,
    state text not null,
    expires_at bigint not null
);

create index passkey_ceremonies_user_id_idx on passkey_ceremonies (user_id);
create index passkey_ceremonies_expires_at_idx on passkey_ceremonies (expires_at);
