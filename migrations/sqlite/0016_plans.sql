-- Plans of accounts, and what accounts did.

-- The name of a plan of the configuration; where there is none of it, the default one counts.
alter table accounts add column plan text not null default 'standard';

-- Those that plans count; most grants of an old account are revoked.
create index grants_account_id_live_idx on grants (account_id) where revoked_at is null;

-- Calls of an account by day and outcome, added up as they are written to the log.
create table usage_days (
    account_id blob not null,
    -- Days since the Unix epoch, of UTC.
    day integer not null,
    outcome text not null,
    calls integer not null,
    -- Those of them that surely did not reach their server.
    unsent integer not null,
    bytes_in integer not null,
    bytes_out integer not null,
    primary key (account_id, day, outcome)
) strict;
