-- Servers and tools that anybody may read about. They belong to no account.

create table catalogue_servers (
    id bigint generated always as identity constraint catalogue_servers_id_key primary key,
    -- In the order of its bytes, whatever the database's own order of words.
    slug text collate "C" not null constraint catalogue_servers_slug_key unique,
    key text not null constraint catalogue_servers_key_key unique,
    name text not null,
    description text,
    version text,
    url text,
    repository text,
    scanned_at bigint,
    imported_at bigint not null,
    -- SHA-256 of what was imported.
    hash bytea not null,
    -- Of name and description, for the search.
    words text not null,
    search tsvector not null generated always as (
        array_to_tsvector(array_remove(string_to_array(words, ' '), ''))
    ) stored
);

create index catalogue_servers_search_idx on catalogue_servers using gin (search);

create table catalogue_tools (
    id bigint generated always as identity constraint catalogue_tools_id_key primary key,
    server_slug text collate "C" not null references catalogue_servers (slug) on delete cascade,
    name text collate "C" not null,
    -- The beginning of it.
    description text not null,
    definition text not null,
    category text not null,
    risk text not null,
    tokens bigint not null,
    -- Codes of what is wrong with the definition, with blanks between them.
    findings text not null,
    -- Of name and description, for the search.
    words text not null,
    -- The category is among them: what is asked for has both, and there are many of each.
    search tsvector not null generated always as (
        array_to_tsvector(array_remove(string_to_array(words || ' =' || category, ' '), ''))
    ) stored,
    constraint catalogue_tools_server_slug_name_key unique (server_slug, name)
);

create index catalogue_tools_search_idx on catalogue_tools using gin (search);
create index catalogue_tools_category_id_idx on catalogue_tools (category, id);
create index catalogue_tools_name_server_slug_idx on catalogue_tools (name, server_slug);
create index catalogue_tools_findings_idx on catalogue_tools (id) where findings <> '';

-- Where imports go on.
create table catalogue_sources (
    source text constraint catalogue_sources_source_key primary key,
    cursor text not null
);
