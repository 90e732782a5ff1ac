//! `ostiary user`: what only the operator can do for a person.

use std::process::ExitCode;

use anyhow::Context as _;
use chrono::TimeDelta;
use clap::{Args, Subcommand};
use ostiary_auth::{Token, TokenKind};
use ostiary_model::{Clock as _, Email, LinkPurpose, SystemClock};
use ostiary_storage::{Store, Unrecorded};

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
    ResetPassword(ResetArgs),
}

#[derive(Debug, Args)]
struct ResetArgs {
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
    let UserCommand::ResetPassword(args) = &args.command;
    let config = Config::read(&args.settings.given())?;
    let token = block_on(async { reset_password(&*backend::open_beside(&config).await?, &args.email).await })?;
    // Where the process listens is not known here when it chose a port itself; people reach it at the public URL.
    let base = config.listen.public_url_at(config.listen.address)?;
    println!("{}/reset-password#{}", base.as_str().trim_end_matches('/'), token.reveal());
    eprintln!("it works once, for an hour; whoever has it can sign in as {}", args.email);
    Ok(ExitCode::SUCCESS)
}

async fn reset_password(store: &dyn Store, email: &Email) -> anyhow::Result<Token> {
    let stored = store.find_user_by_email(email).await.context("cannot read the people")?;
    let stored = stored.context("nobody signs in with this address")?;
    let token = Token::mint(TokenKind::PasswordReset);
    let (purpose, hash) = (LinkPurpose::ResetPassword, token.hash());
    let mut transaction = store.begin().await.context("cannot write")?;
    let made = transaction.create_link(stored.user.id, purpose, hash.as_bytes(), SystemClock.now() + LIFETIME).await;
    made.context("cannot write")?;
    // As when it is asked for by mail: what is recorded is that it was used.
    transaction.commit(Unrecorded::NoAccount.into()).await.context("cannot write")?;
    Ok(token)
}
