-- Words are searched for by their beginnings. Without an index of those, the rows of every word that begins so are read and
-- merged: a tenth of a second for 50,000 tools and three letters, and a fraction of a millisecond with it.

drop table catalogue_servers_search;
drop table catalogue_tools_search;

create virtual table catalogue_servers_search using fts5 (
    words, content = 'catalogue_servers', content_rowid = 'id', detail = 'none', columnsize = 0, prefix = '1 2 3 4',
    tokenize = 'unicode61 remove_diacritics 0'
);
create virtual table catalogue_tools_search using fts5 (
    search, content = 'catalogue_tools', content_rowid = 'id', detail = 'none', columnsize = 0, prefix = '1 2 3 4',
    tokenize = "unicode61 remove_diacritics 0 tokenchars '='"
);

insert into catalogue_servers_search (catalogue_servers_search) values ('rebuild');
insert into catalogue_tools_search (catalogue_tools_search) values ('rebuild');
