//! `ostiary user`: what only the operator can do for a person.

use std::process::ExitCode;

use anyhow::{Context as _, ensure};
use chrono::TimeDelta;
use clap::{Args, Subcommand};
use ostiary_auth::{Token, TokenKind};
use ostiary_model::{AuditAction, AuditActor, AuditEntry, Clock as _, Email, LinkPurpose, SystemClock};
use ostiary_storage::{Store, StoredUser, Trail, Unrecorded};

use crate::backend;
use crate::cli::Settings;
use crate::command::serve::block_on;
use crate::config::Config;

/// As long as it takes to hand a link on.
const LIFETIME: TimeDelta = TimeDelta::hours(1);

/// Arguments of `ostiary user`.
#[derive(Debug, Args)]
pub struct UserArgs {
    #[command(subcommand)]
    command: UserCommand,
}

#[derive(Debug, Subcommand)]
enum UserCommand {
    /// Print a link by which a person sets a new password: where no mail is sent.
    ResetPassword(PersonArgs),
    /// Ask a person for no second factor any more, who has lost theirs and the recovery codes
    ///
    /// Make sure who asks for it: with it, whoever has the password, or the mail, is in.
    RemoveSecondFactor(PersonArgs),
}

#[derive(Debug, Args)]
struct PersonArgs {
    /// The address that the person signs in with
    #[arg(value_name = "E-MAIL", value_parser = email)]
    email: Email,
    #[command(flatten)]
    settings: Settings,
}

fn email(text: &str) -> Result<Email, String> {
    Email::parse(text).map_err(|error| error.to_string())
}

/// Does what the command line says, beside the processes that serve.
///
/// # Errors
///
/// A database that cannot be used; nobody with the address.
pub fn run(args: &UserArgs) -> anyhow::Result<ExitCode> {
    match &args.command {
        UserCommand::ResetPassword(args) => print_link(args),
        UserCommand::RemoveSecondFactor(args) => {
            let config = Config::read(&args.settings.given())?;
            block_on(async { remove_second_factor(&*backend::open_beside(&config).await?, &args.email).await })?;
            println!("{} is asked for no second factor any more", args.email);
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn print_link(args: &PersonArgs) -> anyhow::Result<ExitCode> {
    let config = Config::read(&args.settings.given())?;
    let token = block_on(async { reset_password(&*backend::open_beside(&config).await?, &args.email).await })?;
    // Where the process listens is not known here when it chose a port itself; people reach it at the public URL.
    let base = config.listen.public_url_at(config.listen.address)?;
    println!("{}/reset-password#{}", base.as_str().trim_end_matches('/'), token.reveal());
    eprintln!("it works once, for an hour; whoever has it can sign in as {}", args.email);
    Ok(ExitCode::SUCCESS)
}

async fn find(store: &dyn Store, email: &Email) -> anyhow::Result<StoredUser> {
    let stored = store.find_user_by_email(email).await.context("cannot read the people")?;
    stored.context("nobody signs in with this address")
}

async fn reset_password(store: &dyn Store, email: &Email) -> anyhow::Result<Token> {
    let stored = find(store, email).await?;
    let token = Token::mint(TokenKind::PasswordReset);
    let (purpose, hash) = (LinkPurpose::ResetPassword, token.hash());
    let mut transaction = store.begin().await.context("cannot write")?;
    let made = transaction.create_link(stored.user.id, purpose, hash.as_bytes(), SystemClock.now() + LIFETIME).await;
    made.context("cannot write")?;
    // As when it is asked for by mail: what is recorded is that it was used.
    transaction.commit(Unrecorded::NoAccount.into()).await.context("cannot write")?;
    Ok(token)
}

/// Removes the app, the passkeys and the recovery codes. An event of each account of theirs, as when they do it
/// themselves: its owners want to know.
async fn remove_second_factor(store: &dyn Store, email: &Email) -> anyhow::Result<()> {
    let user = find(store, email).await?.user;
    let memberships = store.list_memberships(user.id).await.context("cannot read the people")?;
    let (now, actor) = (SystemClock.now(), AuditActor::system("operator"));
    let event =
        |account_id| AuditEntry::new(account_id, now, actor.clone(), AuditAction::SecondFactorDisabled, user.id);
    let events: Vec<AuditEntry> = memberships.into_iter().map(|member| event(member.account_id)).collect();
    let mut transaction = store.begin().await.context("cannot write")?;
    let had_any = transaction.delete_second_factors(user.id).await.context("cannot write")?;
    ensure!(had_any, "this person is asked for no second factor");
    let trail = if events.is_empty() { Unrecorded::NoAccount.into() } else { Trail::from(events) };
    transaction.commit(trail).await.context("cannot write")
}
