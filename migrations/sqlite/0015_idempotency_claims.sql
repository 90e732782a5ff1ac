-- What became of a request that was never answered: whether it wrote, and how long ago it began.

-- How often the key was claimed. Whoever holds an older claim than the newest writes nothing any more.
alter table idempotency_keys add column claim integer not null default 1;

-- When it was claimed last, in milliseconds since the Unix epoch.
alter table idempotency_keys add column claimed_at integer not null default 0;

-- `begun`, or `written` once something that the request does is stored: set in the same transaction. Of requests from
-- before there was this column nobody knows.
alter table idempotency_keys add column state text not null default 'written' check (state in ('begun', 'written'));
