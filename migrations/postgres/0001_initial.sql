-- The first tables: who signs in, what is registered, what agents hold, what they called.
--
-- Ids are UUIDs made in the order of time, so "newest first" is their order. Times (`..._at`, `time`) are whole
-- milliseconds since the Unix epoch. JSON is text: documents and definitions come back byte for byte.
-- Every tenant's table begins its key with the account, and references within a tenant carry the account too: a row
-- cannot point into another account. Keys are named by their columns, so that a conflict has one name on every backend.

create table users (
    id uuid constraint users_id_key primary key,
    email text not null constraint users_email_key unique,
    -- A PHC string.
    password_hash text not null,
    created_at bigint not null
);

create table accounts (
    id uuid constraint accounts_id_key primary key,
    slug text not null constraint accounts_slug_key unique,
    name text not null,
    created_at bigint not null,
    updated_at bigint not null
);

create table members (
    account_id uuid not null references accounts (id) on delete cascade,
    user_id uuid not null references users (id) on delete cascade,
    role text not null,
    created_at bigint not null,
    constraint members_account_id_user_id_key primary key (account_id, user_id)
);

create index members_user_id_idx on members (user_id, created_at);

create table sessions (
    id uuid constraint sessions_id_key primary key,
    account_id uuid not null,
    user_id uuid not null,
    created_at bigint not null,
    expires_at bigint not null,
    foreign key (account_id, user_id) references members (account_id, user_id) on delete cascade
);

create index sessions_account_id_user_id_idx on sessions (account_id, user_id);

create table api_keys (
    account_id uuid not null references accounts (id) on delete cascade,
    id uuid not null,
    label text not null,
    role text not null,
    -- SHA-256 of the key.
    hash bytea not null constraint api_keys_hash_key unique,
    hint text not null,
    created_by uuid not null,
    created_at bigint not null,
    expires_at bigint,
    last_used_at bigint,
    revoked_at bigint,
    constraint api_keys_account_id_id_key primary key (account_id, id)
);

create table servers (
    account_id uuid not null references accounts (id) on delete cascade,
    id uuid not null,
    slug text not null,
    name text not null,
    url text not null,
    -- A JSON array of header names, and their sealed values; both or neither.
    auth_header_names text,
    auth_sealed bytea,
    on_tool_change text not null,
    on_limits_unavailable text not null,
    identity_name text,
    identity_version text,
    identity_protocol_version text,
    identity_instructions text,
    inventory_read_at bigint,
    inventory_error text,
    revision bigint not null,
    created_at bigint not null,
    updated_at bigint not null,
    constraint servers_account_id_id_key primary key (account_id, id),
    constraint servers_account_id_slug_key unique (account_id, slug),
    check ((auth_header_names is null) = (auth_sealed is null))
);

create table tools (
    account_id uuid not null,
    server_id uuid not null,
    -- In the order of its bytes, whatever the database's own order of words.
    name text collate "C" not null,
    definition text not null,
    fingerprint bytea not null,
    accepted_fingerprint bytea not null,
    category text not null,
    risk text not null,
    first_seen_at bigint not null,
    last_seen_at bigint not null,
    constraint tools_account_id_server_id_name_key primary key (account_id, server_id, name),
    foreign key (account_id, server_id) references servers (account_id, id) on delete cascade
);

create table policies (
    account_id uuid not null,
    id uuid not null,
    server_id uuid not null,
    name text not null,
    -- The number of the newest version.
    version bigint not null,
    created_at bigint not null,
    constraint policies_account_id_id_key primary key (account_id, id),
    constraint policies_server_id_name_key unique (server_id, name),
    -- What a binding refers to: a policy of the very server it binds.
    constraint policies_account_id_server_id_id_key unique (account_id, server_id, id),
    foreign key (account_id, server_id) references servers (account_id, id) on delete cascade
);

create table policy_versions (
    account_id uuid not null,
    policy_id uuid not null,
    number bigint not null,
    document text not null,
    rolled_back_to bigint,
    created_by text not null,
    created_at bigint not null,
    constraint policy_versions_account_id_policy_id_number_key primary key (account_id, policy_id, number),
    foreign key (account_id, policy_id) references policies (account_id, id) on delete cascade
);

create table grants (
    account_id uuid not null references accounts (id) on delete cascade,
    id uuid not null,
    label text not null,
    metadata text not null,
    token_hint text not null,
    expires_at bigint,
    revoked_at bigint,
    last_used_at bigint,
    revision bigint not null,
    created_at bigint not null,
    constraint grants_account_id_id_key primary key (account_id, id)
);

create table grant_tokens (
    -- SHA-256 of the token.
    token_hash bytea constraint grant_tokens_token_hash_key primary key,
    account_id uuid not null,
    grant_id uuid not null,
    -- Set when the token was rotated away.
    expires_at bigint,
    foreign key (account_id, grant_id) references grants (account_id, id) on delete cascade
);

create index grant_tokens_account_id_grant_id_idx on grant_tokens (account_id, grant_id);

create table bindings (
    account_id uuid not null,
    grant_id uuid not null,
    server_id uuid not null,
    policy_id uuid,
    mode text not null,
    -- Where it stands among the bindings of its grant.
    position bigint not null,
    constraint bindings_account_id_grant_id_server_id_key primary key (account_id, grant_id, server_id),
    constraint bindings_grant_id_fkey
        foreign key (account_id, grant_id) references grants (account_id, id) on delete cascade,
    constraint bindings_server_id_fkey
        foreign key (account_id, server_id) references servers (account_id, id) on delete cascade,
    constraint bindings_policy_id_fkey
        foreign key (account_id, server_id, policy_id) references policies (account_id, server_id, id)
);

create index bindings_account_id_server_id_policy_id_idx on bindings (account_id, server_id, policy_id);

-- No foreign keys: a decision outlives the server, the grant and the policy it speaks of.
--
-- One partition a month, by the time in the id: those to come are added ahead, those past their retention are dropped
-- whole, which costs nothing, where deleting their rows would cost as much as writing them did.
create table decisions (
    account_id uuid not null,
    id uuid not null,
    time bigint not null,
    server_id uuid not null,
    server_slug text not null,
    grant_id uuid not null,
    grant_label text not null,
    session text,
    client_name text,
    client_version text,
    protocol_version text,
    method text not null,
    target text,
    category text,
    policy_id uuid,
    policy_version bigint,
    mode text not null,
    outcome text not null,
    code text,
    rule text,
    message text,
    -- A JSON array.
    argument_names text not null,
    argument_hash text,
    trace_id text,
    bytes_in bigint not null,
    gateway_us bigint not null,
    -- How it ended; all null while that is not known.
    ending_result text,
    ending_upstream_status integer,
    ending_bytes_out bigint,
    ending_upstream_ms bigint,
    constraint decisions_account_id_id_key primary key (account_id, id)
) partition by range (id);

-- For what belongs to no month that is there: a record is never refused for its id.
create table decisions_default partition of decisions default;

-- Every record pays for these: one for each way in which people look for calls, and no more.
create index decisions_account_id_time_idx on decisions (account_id, time, id);
create index decisions_account_id_grant_id_time_idx on decisions (account_id, grant_id, time, id);
create index decisions_account_id_server_id_time_idx on decisions (account_id, server_id, time, id);
-- The beginning of the target is enough to find it; the whole may be longer than an index takes.
create index decisions_account_id_target_time_idx on decisions (account_id, left(target, 200), time, id)
    where target is not null;
-- Refusals are few and looked for often; calls that were simply allowed do not pay for these.
create index decisions_account_id_code_time_idx on decisions (account_id, code, time, id)
    where code is not null;
create index decisions_account_id_outcome_time_idx on decisions (account_id, outcome, time, id)
    where outcome <> 'allowed';

-- What sliding and calendar counters hold, so that limits survive a restart.
create table counter_slots (
    account_id uuid not null,
    key text collate "C" not null,
    slot bigint not null,
    amount_micros bigint not null check (amount_micros >= 0),
    last_ms bigint not null,
    expires_ms bigint not null,
    constraint counter_slots_account_id_key_slot_key primary key (account_id, key, slot)
)
-- Rows that change all the time: room beside each for its next form, on the same page.
with (fillfactor = 50);

create index counter_slots_expires_ms_idx on counter_slots (expires_ms);
