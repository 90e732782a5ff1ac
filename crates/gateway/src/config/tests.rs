use super::*;

fn given(variables: &[(&str, &str)]) -> Given {
    Given {
        variables: variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        ..Given::default()
    }
}

fn problems(given: &Given) -> Vec<String> {
    Config::read(given).map_or_else(|error| error.0.iter().map(ToString::to_string).collect(), |_| Vec::new())
}

#[test]
fn config_without_anything_given_is_the_default() {
    let config = Config::read(&Given::default()).unwrap();
    assert_eq!(config.listen.address, "127.0.0.1:8080".parse().unwrap());
    assert_eq!(config.limits.body_max_bytes, 4 * 1024 * 1024);
    assert!(config.secret_key.is_none());
}

#[test]
fn default_file_names_every_setting_and_its_variable() {
    let defaults = include_str!("../config.default.toml");
    for setting in setting::SETTINGS {
        let name = setting.path.rsplit('.').next().unwrap();
        let mut lines = defaults.lines().filter(|line| line.trim_start_matches("# ").starts_with(&format!("{name} ")));
        assert!(lines.any(|line| line.contains(setting.variable)), "{}", setting.path);
    }
}

#[test]
fn later_source_wins_over_earlier() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("ostiary.toml");
    std::fs::write(&file, "listen = \"127.0.0.1:1\"\n[limits]\njson_depth = 9\n[log]\nformat = \"json\"\n").unwrap();
    let mut given = given(&[("OSTIARY_LISTEN", "127.0.0.1:2"), ("OSTIARY_LIMITS_JSON_DEPTH", "10")]);
    given.file = Some(file);
    given.flags.insert("listen".to_owned(), "127.0.0.1:3".to_owned());
    let config = Config::read(&given).unwrap();
    assert_eq!(config.listen.address.port(), 3);
    assert_eq!(config.limits.json_depth, 10);
    assert_eq!(config.log.format, LogFormat::Json);
    let sources: Vec<_> = Config::in_force(&given).into_iter().map(|setting| (setting.path, setting.source)).collect();
    assert!(sources.contains(&("listen", "flag")));
    assert!(sources.contains(&("limits.json_depth", "environment")));
    assert!(sources.contains(&("log.format", "file")));
    assert!(sources.contains(&("http.drain_ms", "default")));
}

#[test]
fn wrong_settings_are_all_reported_at_once() {
    let found = problems(&given(&[
        ("OSTIARY_LISTEN", "8080"),
        ("OSTIARY_PUBLIC_URL", "https://x.example/path"),
        ("OSTIARY_SECRET_KEY", "c2hvcnQ="),
        ("OSTIARY_UPSTREAM_ALLOW", "10.0.0.0/8,nonsense"),
        ("OSTIARY_LIMITS_JSON_DEPTH", "100000"),
        ("OSTIARY_REDIS_PREFIX", "{a}"),
        ("OSTIARY_LOG_FORMAT", "xml"),
    ]));
    let settings: Vec<_> = found.iter().filter_map(|problem| problem.split_once(':')).map(|(name, _)| name).collect();
    assert_eq!(
        settings,
        [
            "OSTIARY_LISTEN",
            "OSTIARY_PUBLIC_URL",
            "OSTIARY_REDIS_PREFIX",
            "OSTIARY_SECRET_KEY",
            "OSTIARY_UPSTREAM_ALLOW",
            "OSTIARY_LIMITS_JSON_DEPTH",
            "OSTIARY_LOG_FORMAT"
        ]
    );
    assert!(!found.concat().contains("c2hvcnQ="), "a wrong secret is not repeated");
}

#[test]
fn file_with_unknown_settings_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("ostiary.toml");
    std::fs::write(&file, "lisen = \"127.0.0.1:1\"\nlog = 3\n[limits]\nbody = 1\n").unwrap();
    let found = problems(&Given { file: Some(file), ..Given::default() });
    assert!(found.contains(&"lisen: there is no such setting".to_owned()), "{found:?}");
    assert!(found.contains(&"limits.body: there is no such setting".to_owned()), "{found:?}");
    assert!(found.contains(&"log: is a section, not a value".to_owned()), "{found:?}");
}

#[test]
fn file_that_is_no_toml_or_not_there_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("ostiary.toml");
    assert!(!problems(&Given { file: Some(file.clone()), ..Given::default() }).is_empty());
    std::fs::write(&file, "listen = ").unwrap();
    assert!(!problems(&Given { file: Some(file), ..Given::default() }).is_empty());
}

#[test]
fn secret_of_digits_stays_a_text() {
    let key = "MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI=";
    assert!(Config::read(&given(&[("OSTIARY_SECRET_KEY", key)])).unwrap().secret_key.is_some());
}

#[test]
fn secrets_in_force_are_masked() {
    let given = given(&[("OSTIARY_DATABASE_URL", "postgres://u:hunter2@db/x"), ("OSTIARY_SECRET_KEY", "hunter2")]);
    let shown = format!("{:?}", Config::in_force(&given));
    assert!(!shown.contains("hunter2"));
    assert!(shown.contains("********"));
    let read =
        Config::read(&Given { variables: [given.variables.into_iter().next().unwrap()].into(), ..Given::default() });
    assert!(!format!("{read:?}").contains("hunter2"));
}

#[test]
fn unknown_variable_is_told_from_settings() {
    let given = given(&[("OSTIARY_LISEN", "x"), ("OSTIARY_LISTEN", "x"), ("OSTIARY_CONFIG", "x")]);
    assert_eq!(unknown_variables(&given), ["OSTIARY_LISEN"]);
}

#[test]
fn plans_of_a_file_and_of_a_variable_are_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("ostiary.toml");
    let text =
        "[accounts]\ndefault_plan = \"team\"\n[plans.team]\nservers = 3\ncalls_a_month = 1_000\nself_service = true\n";
    std::fs::write(&file, text).unwrap();
    let in_file = Given { file: Some(file), ..Given::default() };
    let in_variable = given(&[
        ("OSTIARY_PLANS", "{ team = { servers = 3, calls_a_month = 1_000, self_service = true } }"),
        ("OSTIARY_ACCOUNTS_DEFAULT_PLAN", "team"),
    ]);
    for given in [in_file, in_variable] {
        let plans = Config::read(&given).unwrap().plans;
        let team = plans.default_plan();
        assert_eq!((team.name.as_str(), team.is_self_service), ("team", true));
        assert_eq!((team.limits.servers, team.limits.calls_a_month, team.limits.grants), (Some(3), Some(1000), None));
        assert_eq!(plans.iter().count(), 2, "`standard` is always there");
        let shown = Config::in_force(&given).into_iter().find(|setting| setting.path == "plans").unwrap();
        assert!(shown.value.unwrap().contains("servers = 3"));
    }
}

#[test]
fn plans_that_cannot_be_are_refused() {
    for (plans, word) in [
        ("3", "must be a table"),
        ("{ team = 3 }", "team: must be a table"),
        ("{ team = { members = 0 } }", "team.members: must be a whole number from 1"),
        ("{ team = { cals_a_month = 5 } }", "team.cals_a_month: there is no such limit"),
        ("{ \"My Team\" = {} }", "is no name of a plan"),
        ("{ team = ", "is no TOML"),
    ] {
        let found = problems(&given(&[("OSTIARY_PLANS", plans)])).concat();
        assert!(found.starts_with("OSTIARY_PLANS: ") && found.contains(word), "{plans}: {found}");
    }
    let found = problems(&given(&[("OSTIARY_ACCOUNTS_DEFAULT_PLAN", "gold")])).concat();
    assert!(found.contains("there is no plan `gold`"), "{found}");
}
