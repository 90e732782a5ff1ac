-- People look for the calls that one policy decided, and for those that were no calls of tools.
create index decisions_account_id_policy_id_time_idx on decisions (account_id, policy_id, time, id)
    where policy_id is not null;
-- Nearly every record is of a tool's call: the index of all of them finds those soon enough, and they do not pay for this.
create index decisions_account_id_method_time_idx on decisions (account_id, method, time, id)
    where method <> 'tools/call';
