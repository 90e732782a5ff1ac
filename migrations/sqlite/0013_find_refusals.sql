-- People look for the refusals of one tool. The tool alone has too many records that were allowed, and the outcome too many of
-- other tools. Calls that were simply allowed do not pay for this.
create index decisions_account_id_outcome_target_time_idx on decisions (account_id, outcome, target, time, id)
    where outcome <> 'allowed' and target is not null;
