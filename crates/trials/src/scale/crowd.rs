//! Filling the database, past the API: rows as it would have written them.

use ostiary_auth::{Token, TokenKind};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use crate::scale::{Size, said};

/// What was put there.
pub(super) struct Crowd {
    /// Tokens of grants that may call.
    pub(super) tokens: Vec<String>,
}

/// Ids of rows that are counted up: a time, and a number that no other row has.
const IDS: &str = "
    create function pg_temp.id_at(ms bigint, number bigint) returns uuid language sql immutable as $$
        select (lpad(to_hex(ms), 12, '0') || '7000' || 'a000' || lpad(to_hex(number), 12, '0'))::uuid
    $$";

const SERVERS: &str = "
    insert into servers
        (account_id, id, slug, name, url, on_tool_change, on_limits_unavailable, revision, created_at, updated_at)
    select a.id, pg_temp.id_at(a.created_at, n), 'server-' || n, 'Server ' || n, s.url, s.on_tool_change,
        s.on_limits_unavailable, 1, a.created_at, a.created_at
    from accounts a join servers s on s.account_id = a.id and s.slug = 'shop', generate_series(1, $1::bigint) n";

const POLICIES: &str = "
    insert into policies (account_id, id, server_id, name, version, created_at)
    select a.id, pg_temp.id_at(a.created_at, n), pg_temp.id_at(a.created_at, n % $2::bigint + 1), 'policy ' || n, 1,
        a.created_at
    from accounts a, generate_series(1, $1::bigint) n";

const VERSIONS: &str = "
    insert into policy_versions (account_id, policy_id, number, document, created_by, created_at)
    select p.account_id, p.id, 1, v.document, v.created_by, v.created_at
    from policies p, (select document, created_by, created_at from policy_versions limit 1) v
    where not exists (select from policy_versions o where o.account_id = p.account_id and o.policy_id = p.id)";

const GRANTS: &str = "
    insert into grants (account_id, id, label, metadata, token_hint, revision, created_at)
    select a.id, pg_temp.id_at(a.created_at, n), 'Grant ' || n, '{}', 'ost_grant_…', 1, a.created_at
    from accounts a, generate_series(1, $1::bigint) n";

const BINDINGS: &str = "
    insert into bindings (account_id, grant_id, server_id, policy_id, mode, position)
    select a.id, pg_temp.id_at(a.created_at, n), p.server_id, p.id, 'enforce', 1
    from accounts a join policies p on p.account_id = a.id and p.name = 'open', generate_series(1, $1::bigint) n";

const TOKENS: &str = "
    insert into grant_tokens (token_hash, account_id, grant_id)
    select t.hash, a.id, pg_temp.id_at(a.created_at, t.n)
    from accounts a, unnest($1::bytea[]) with ordinality t (hash, n)";

/// Of the last four weeks; every twentieth was denied.
const DECISIONS: &str = "
    insert into decisions (
        account_id, id, time, server_id, server_slug, grant_id, grant_label, method, target, policy_id, policy_version,
        mode, outcome, code, rule, message, argument_names, argument_hash, trace_id, bytes_in, gateway_us,
        ending_result, ending_upstream_status, ending_bytes_out, ending_upstream_ms
    )
    select a.id, pg_temp.id_at(t.ms, n), t.ms, pg_temp.id_at(a.created_at, n % $3::bigint + 1),
        'server-' || (n % $3::bigint + 1), pg_temp.id_at(a.created_at, n % $4::bigint + 1),
        'Grant ' || (n % $4::bigint + 1), 'tools/call', 'tool_' || (n % 50),
        pg_temp.id_at(a.created_at, n % $5::bigint + 1), 1, 'enforce',
        case when n % 20 = 0 then 'denied' else 'allowed' end, case when n % 20 = 0 then 'limit_exceeded' end,
        case when n % 20 = 0 then '/tools/look/limits/0' end, case when n % 20 = 0 then 'Too many calls.' end,
        '[\"amount\",\"reason\"]', md5(n::text), md5(n::text), 200, 300,
        case when n % 20 > 0 then 'ok' end, case when n % 20 > 0 then 200 end, case when n % 20 > 0 then 400 end,
        case when n % 20 > 0 then 12 end
    from accounts a, generate_series($1::bigint, $2::bigint) n,
        lateral (select a.created_at - 2419200000 + n * 2419200000 / $6::bigint) t (ms)";

/// The indexes of the log but those of constraints: made when the rows are there, that takes a part of the time.
const INDEXES: &str = "
    select c.relname::text, pg_get_indexdef(i.indexrelid)
    from pg_index i join pg_class c on c.oid = i.indexrelid
    where i.indrelid = 'decisions'::regclass and not i.indisprimary";

/// Rows of the log in one statement.
const BATCH: u64 = 250_000;

pub(super) async fn load(url: &str, size: Size) -> anyhow::Result<Crowd> {
    let mut connection = PgConnection::connect(url).await?;
    let int = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let (servers, policies, grants) = (int(size.servers), int(size.policies), int(size.grants));
    sqlx::raw_sql(IDS).execute(&mut connection).await?;
    sqlx::query(SERVERS).bind(servers).execute(&mut connection).await?;
    sqlx::query(POLICIES).bind(policies).bind(servers).execute(&mut connection).await?;
    sqlx::query(VERSIONS).execute(&mut connection).await?;
    sqlx::query(GRANTS).bind(grants).execute(&mut connection).await?;
    sqlx::query(BINDINGS).bind(grants).execute(&mut connection).await?;
    let tokens: Vec<Token> = (0..size.sweep).map(|_| Token::mint(TokenKind::Grant)).collect();
    let hashes: Vec<Vec<u8>> = tokens.iter().map(|token| token.hash().as_bytes().to_vec()).collect();
    sqlx::query(TOKENS).bind(hashes).execute(&mut connection).await?;
    let indexes: Vec<(String, String)> = sqlx::query_as(INDEXES).fetch_all(&mut connection).await?;
    for (name, _) in &indexes {
        sqlx::raw_sql(AssertSqlSafe(format!("drop index {name}"))).execute(&mut connection).await?;
    }
    let mut first = 1;
    while first <= size.decisions {
        said(&format!("{} of {} decisions", first - 1, size.decisions));
        let last = (first + BATCH - 1).min(size.decisions);
        let bounds = [first, last].map(|bound| i64::try_from(bound).unwrap_or(i64::MAX));
        let query = sqlx::query(DECISIONS).bind(bounds[0]).bind(bounds[1]).bind(servers).bind(grants).bind(policies);
        query.bind(i64::try_from(size.decisions)?).execute(&mut connection).await?;
        first = last + 1;
    }
    sqlx::raw_sql("set maintenance_work_mem = '512MB'").execute(&mut connection).await?;
    for (name, definition) in indexes {
        said(&format!("index {name}"));
        // Of all partitions, and not of the table that has them alone.
        let definition = definition.replacen(" ON ONLY ", " ON ", 1);
        sqlx::raw_sql(AssertSqlSafe(definition)).execute(&mut connection).await?;
    }
    said("statistics");
    sqlx::raw_sql("vacuum analyze").execute(&mut connection).await?;
    connection.close().await?;
    Ok(Crowd { tokens: tokens.iter().map(|token| token.reveal().to_owned()).collect() })
}
