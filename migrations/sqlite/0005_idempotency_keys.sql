-- Writes that callers may repeat: what was answered the first time, so that a repetition writes nothing.

create table idempotency_keys (
    account_id blob not null references accounts (id) on delete cascade,
    -- The user or API key that wrote.
    caller text not null,
    -- SHA-256 of the key that the caller chose.
    key_hash blob not null,
    -- SHA-256 of the operation and its body: a key stands for one request.
    request_hash blob not null,
    -- The answer, sealed, since it may hold a secret that is shown once; null while there is none.
    answer blob,
    expires_at integer not null,
    primary key (account_id, caller, key_hash)
) strict, without rowid;

create index idempotency_keys_account_id_expires_at_idx on idempotency_keys (account_id, expires_at);
