-- PostgreSQL bounds here what is written and not in its index of words yet; the index here has no such list. The numbers of both
-- stay the same.

select 1;
