-- Servers and tools that anybody may read about. They belong to no account.

create table catalogue_servers (
    -- Named, so that it stays when the file is rewritten: the search refers to it.
    id integer primary key not null,
    slug text not null unique,
    key text not null unique,
    name text not null,
    description text,
    version text,
    url text,
    repository text,
    scanned_at integer,
    imported_at integer not null,
    -- SHA-256 of what was imported.
    hash blob not null,
    -- Of name and description, for the search.
    words text not null
) strict;

create table catalogue_tools (
    id integer primary key not null,
    server_slug text not null references catalogue_servers (slug) on delete cascade,
    name text not null,
    -- The beginning of it.
    description text not null,
    definition text not null,
    category text not null,
    risk text not null,
    tokens integer not null,
    -- Codes of what is wrong with the definition, with blanks between them.
    findings text not null,
    -- Of name and description, for the search.
    words text not null,
    -- The category is among them: what is asked for has both, and there are many of each.
    search text not null generated always as (words || ' =' || category) virtual,
    unique (server_slug, name)
) strict;

create index catalogue_tools_category_id_idx on catalogue_tools (category, id);
create index catalogue_tools_name_server_slug_idx on catalogue_tools (name, server_slug);
create index catalogue_tools_findings_idx on catalogue_tools (id) where findings <> '';

-- What is found has all the words that are asked for, so that it does not matter where they stand, and how often.
create virtual table catalogue_servers_search using fts5 (
    words, content = 'catalogue_servers', content_rowid = 'id', detail = 'none', columnsize = 0,
    tokenize = 'unicode61 remove_diacritics 0'
);
create virtual table catalogue_tools_search using fts5 (
    search, content = 'catalogue_tools', content_rowid = 'id', detail = 'none', columnsize = 0,
    tokenize = "unicode61 remove_diacritics 0 tokenchars '='"
);

create trigger catalogue_servers_search_insert after insert on catalogue_servers begin
    insert into catalogue_servers_search (rowid, words) values (new.id, new.words);
end;
create trigger catalogue_servers_search_delete after delete on catalogue_servers begin
    insert into catalogue_servers_search (catalogue_servers_search, rowid, words) values ('delete', old.id, old.words);
end;
create trigger catalogue_servers_search_update after update on catalogue_servers begin
    insert into catalogue_servers_search (catalogue_servers_search, rowid, words) values ('delete', old.id, old.words);
    insert into catalogue_servers_search (rowid, words) values (new.id, new.words);
end;
create trigger catalogue_tools_search_insert after insert on catalogue_tools begin
    insert into catalogue_tools_search (rowid, search) values (new.id, new.search);
end;
create trigger catalogue_tools_search_delete after delete on catalogue_tools begin
    insert into catalogue_tools_search (catalogue_tools_search, rowid, search) values ('delete', old.id, old.search);
end;

-- Where imports go on.
create table catalogue_sources (
    source text primary key not null,
    cursor text not null
) strict;
