-- A second proof of who somebody is: codes of an app, and codes to fall back on.

create table totps (
    user_id uuid constraint totps_user_id_key primary key references users (id) on delete cascade,
    -- The secret, sealed.
    secret_sealed bytea not null,
    -- Null until a code has shown that the app has the secret; it asks for nothing before.
    confirmed_at bigint,
    -- The time step of the last code that was taken, in units of 30 s: each code is taken once.
    last_step bigint not null
);

create table recovery_codes (
    user_id uuid not null references users (id) on delete cascade,
    -- SHA-256 of the code.
    hash bytea not null,
    constraint recovery_codes_user_id_hash_key primary key (user_id, hash)
);
