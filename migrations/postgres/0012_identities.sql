-- People as a provider of sign-ins knows them.

create table identities (
    id uuid constraint identities_id_key primary key,
    user_id uuid not null references users (id) on delete cascade,
    -- Who knows them, by its URL, and what it calls them; never given to anybody else.
    issuer text not null,
    subject text not null,
    -- The address it told, for people to read.
    email text,
    created_at bigint not null,
    last_used_at bigint not null,
    constraint identities_issuer_subject_key unique (issuer, subject)
);

create index identities_user_id_idx on identities (user_id);

-- How somebody signed in: with a password, or by a provider.
alter table sessions add column method text not null default 'password';
