-- Passkeys: devices that prove who somebody is. Nothing here is secret.

create table passkeys (
    id blob primary key not null,
    user_id blob not null references users (id) on delete cascade,
    name text not null,
    -- What browsers call it by.
    credential_id blob not null unique,
    -- Its public key and its counter, as JSON.
    credential text not null,
    created_at integer not null,
    last_used_at integer
) strict;

create index passkeys_user_id_idx on passkeys (user_id);

-- What a browser was asked, until it has answered: each is answered once.
create table passkey_ceremonies (
    id blob primary key not null,
    user_id blob not null references users (id) on delete cascade,
    state text not null,
    expires_at integer not null
) strict;

create index passkey_ceremonies_user_id_idx on passkey_ceremonies (user_id);
create index passkey_ceremonies_expires_at_idx on passkey_ceremonies (expires_at);
