-- A second proof of who somebody is: codes of an app, and codes to fall back on.

create table totps (
    user_id blob primary key not null references users (id) on delete cascade,
    -- The secret, sealed.
    secret_sealed blob not null,
    -- Null until a code has shown that the app has the secret; it asks for nothing before.
    confirmed_at integer,
    -- The time step of the last code that was taken, in units of 30 s: each code is taken once.
    last_step integer not null
) strict;

create table recovery_codes (
    user_id blob not null references users (id) on delete cascade,
    -- SHA-256 of the code.
    hash blob not null,
    primary key (user_id, hash)
) strict, without rowid;
