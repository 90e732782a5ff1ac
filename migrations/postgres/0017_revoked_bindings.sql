-- Whether its grant is revoked stands at a binding, too: for how many grants a policy decides is counted in one index, however
-- many there are.
alter table bindings add column is_revoked boolean not null default false;
update bindings b set is_revoked = true
    from grants g where g.account_id = b.account_id and g.id = b.grant_id and g.revoked_at is not null;
create index bindings_account_id_policy_id_idx on bindings (account_id, policy_id) where not is_revoked;
