-- The first tables: who signs in, what is registered, what agents hold, what they called.
--
-- Ids are UUIDs as 16 bytes; they are made in the order of time, so "newest first" is their order.
-- Times (`..._at`, `time`) are whole milliseconds since the Unix epoch. JSON is text.
-- Every tenant's table begins its key with the account, and references within a tenant carry the
-- account too: a row cannot point into another account.

create table users (
    id blob primary key not null,
    email text not null unique,
    -- A PHC string.
    password_hash text not null,
    created_at integer not null
) strict;

create table accounts (
    id blob primary key not null,
    slug text not null unique,
    name text not null,
    created_at integer not null,
    updated_at integer not null
) strict;

create table members (
    account_id blob not null references accounts (id) on delete cascade,
    user_id blob not null references users (id) on delete cascade,
    role text not null,
    created_at integer not null,
    primary key (account_id, user_id)
) strict;

create index members_user_id_idx on members (user_id, created_at);

create table sessions (
    id blob primary key not null,
    account_id blob not null,
    user_id blob not null,
    created_at integer not null,
    expires_at integer not null,
    foreign key (account_id, user_id) references members (account_id, user_id) on delete cascade
) strict;

create index sessions_account_id_user_id_idx on sessions (account_id, user_id);

create table api_keys (
    account_id blob not null references accounts (id) on delete cascade,
    id blob not null,
    label text not null,
    role text not null,
    -- SHA-256 of the key.
    hash blob not null unique,
    hint text not null,
    created_by blob not null,
    created_at integer not null,
    expires_at integer,
    last_used_at integer,
    revoked_at integer,
    primary key (account_id, id)
) strict;

create table servers (
    account_id blob not null references accounts (id) on delete cascade,
    id blob not null,
    slug text not null,
    name text not null,
    url text not null,
    -- A JSON array of header names, and their sealed values; both or neither.
    auth_header_names text,
    auth_sealed blob,
    on_tool_change text not null,
    on_limits_unavailable text not null,
    identity_name text,
    identity_version text,
    identity_protocol_version text,
    identity_instructions text,
    inventory_read_at integer,
    inventory_error text,
    revision integer not null,
    created_at integer not null,
    updated_at integer not null,
    primary key (account_id, id),
    unique (account_id, slug),
    check ((auth_header_names is null) = (auth_sealed is null))
) strict;

create table tools (
    account_id blob not null,
    server_id blob not null,
    name text not null,
    definition text not null,
    fingerprint blob not null,
    accepted_fingerprint blob not null,
    category text not null,
    risk text not null,
    first_seen_at integer not null,
    last_seen_at integer not null,
    primary key (account_id, server_id, name),
    foreign key (account_id, server_id) references servers (account_id, id) on delete cascade
) strict;

create table policies (
    account_id blob not null,
    id blob not null,
    server_id blob not null,
    name text not null,
    -- The number of the newest version.
    version integer not null,
    created_at integer not null,
    primary key (account_id, id),
    unique (server_id, name),
    -- What a binding refers to: a policy of the very server it binds.
    unique (account_id, server_id, id),
    foreign key (account_id, server_id) references servers (account_id, id) on delete cascade
) strict;

create table policy_versions (
    account_id blob not null,
    policy_id blob not null,
    number integer not null,
    document text not null,
    rolled_back_to integer,
    created_by text not null,
    created_at integer not null,
    primary key (account_id, policy_id, number),
    foreign key (account_id, policy_id) references policies (account_id, id) on delete cascade
) strict;

create table grants (
    account_id blob not null references accounts (id) on delete cascade,
    id blob not null,
    label text not null,
    metadata text not null,
    token_hint text not null,
    expires_at integer,
    revoked_at integer,
    last_used_at integer,
    revision integer not null,
    created_at integer not null,
    primary key (account_id, id)
) strict;

create table grant_tokens (
    -- SHA-256 of the token.
    token_hash blob primary key not null,
    account_id blob not null,
    grant_id blob not null,
    -- Set when the token was rotated away.
    expires_at integer,
    foreign key (account_id, grant_id) references grants (account_id, id) on delete cascade
) strict;

create index grant_tokens_account_id_grant_id_idx on grant_tokens (account_id, grant_id);

create table bindings (
    account_id blob not null,
    grant_id blob not null,
    server_id blob not null,
    policy_id blob,
    mode text not null,
    -- Where it stands among the bindings of its grant.
    position integer not null,
    primary key (account_id, grant_id, server_id),
    foreign key (account_id, grant_id) references grants (account_id, id) on delete cascade,
    foreign key (account_id, server_id) references servers (account_id, id) on delete cascade,
    foreign key (account_id, server_id, policy_id) references policies (account_id, server_id, id)
) strict;

create index bindings_account_id_server_id_policy_id_idx on bindings (account_id, server_id, policy_id);

-- No foreign keys: a decision outlives the server, the grant and the policy it speaks of.
create table decisions (
    account_id blob not null,
    id blob not null,
    time integer not null,
    server_id blob not null,
    server_slug text not null,
    grant_id blob not null,
    grant_label text not null,
    session text,
    client_name text,
    client_version text,
    protocol_version text,
    method text not null,
    target text,
    category text,
    policy_id blob,
    policy_version integer,
    mode text not null,
    outcome text not null,
    code text,
    rule text,
    message text,
    -- A JSON array.
    argument_names text not null,
    argument_hash text,
    trace_id text,
    bytes_in integer not null,
    gateway_us integer not null,
    -- How it ended; all null while that is not known.
    ending_result text,
    ending_upstream_status integer,
    ending_bytes_out integer,
    ending_upstream_ms integer,
    primary key (account_id, id)
) strict;

-- The list is in the order of time, so that a period of the past is a range and not a scan.
create index decisions_account_id_time_idx on decisions (account_id, time, id);
create index decisions_account_id_grant_id_time_idx on decisions (account_id, grant_id, time, id);
create index decisions_account_id_server_id_time_idx on decisions (account_id, server_id, time, id);
create index decisions_account_id_target_time_idx on decisions (account_id, target, time, id)
    where target is not null;
-- Refusals are few and looked for often; calls that were simply allowed do not pay for these.
create index decisions_account_id_code_time_idx on decisions (account_id, code, time, id)
    where code is not null;
create index decisions_account_id_outcome_time_idx on decisions (account_id, outcome, time, id)
    where outcome <> 'allowed';

-- What sliding and calendar counters hold, so that limits survive a restart.
create table counter_slots (
    account_id blob not null,
    key text not null,
    slot integer not null,
    amount_micros integer not null check (amount_micros >= 0),
    last_ms integer not null,
    expires_ms integer not null,
    primary key (account_id, key, slot)
) strict, without rowid;

create index counter_slots_expires_ms_idx on counter_slots (expires_ms);
