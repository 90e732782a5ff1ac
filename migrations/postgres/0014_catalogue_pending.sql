-- Every search reads what was written and is not in the index of words yet. Without a bound of its own that is 4 MiB after an
-- import, until the next vacuum: more than all else that a search reads.
alter index catalogue_servers_search_idx set (gin_pending_list_limit = 256);
alter index catalogue_tools_search_idx set (gin_pending_list_limit = 256);
