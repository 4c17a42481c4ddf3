//! `ordersync retention ...`.

use clap::{Args, Subcommand};
use ordersync_http_client::Method;
use ordersync_web::dto::{
    PolicyChangeView, RetentionPlan, RetentionProof, RetentionReportView, RunRetention, Shortened,
};

use super::client::Client;
use super::print::{Printer, moment, moment_or_dash, table};
use super::prompt;
use crate::failure::{Exit, Failure};

/// Deleting personal data when its time is over.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Show what is held, what is due, and when the next is.
    Plan,
    /// Purge what is due now. The daemon does so every hour by itself. What is purged cannot be brought back.
    Run(RunArguments),
    /// Keep what is held no longer than the configuration says. A shorter time there holds for what comes in; what is held
    /// already waits for this. A longer time never reaches back.
    Shorten(ShortenArguments),
    /// Show the proofs of the newest runs.
    Report,
}

#[derive(Debug, Args)]
pub(super) struct ShortenArguments {
    /// Only say what would go earlier.
    #[arg(long)]
    dry_run: bool,
    /// Do not ask.
    #[arg(long)]
    yes: bool,
}

#[derive(Debug, Args)]
pub(super) struct RunArguments {
    /// Only say what would go.
    #[arg(long)]
    dry_run: bool,
    /// Do not ask.
    #[arg(long)]
    yes: bool,
    /// You have looked at the clock: purge although the program could not tell whether it is right.
    #[arg(long)]
    clock_is_right: bool,
}

pub(super) async fn run(client: &Client, printer: &Printer, command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Plan => plan(client, printer).await,
        Command::Run(arguments) if arguments.dry_run => plan(client, printer).await,
        Command::Run(arguments) => purge(client, printer, &arguments).await,
        Command::Shorten(arguments) => shorten(client, printer, &arguments).await,
        Command::Report => report(client, printer).await,
    }
}

async fn plan(client: &Client, printer: &Printer) -> Result<Exit, Failure> {
    let answer = client.ask(Method::Get, "/v1/retention/plan", None).await?;
    let plan: RetentionPlan = answer.read()?;
    printer.answer(&answer.body, || plan_text(&plan))?;
    Ok(Exit::Done)
}

fn plan_text(plan: &RetentionPlan) -> String {
    let rows = plan.classes.iter().map(|class| {
        let earliest = moment_or_dash(class.earliest_due);
        vec![class.class.clone(), class.due.to_string(), class.held.to_string(), earliest]
    });
    let mut text = table(&["CLASS", "DUE NOW", "HELD", "EARLIEST DUE"], &rows.collect::<Vec<_>>());
    if !plan.shorter.is_empty() {
        text.push_str("\nKept for longer than the configuration says: `ordersync retention shorten`\n");
        text.push_str(&shorter_text(&plan.shorter));
    }
    text
}

fn shorter_text(changes: &[PolicyChangeView]) -> String {
    let rows = changes.iter().map(|change| {
        let PolicyChangeView { class, from, to, shorter, due_at_once } = change;
        vec![class.clone(), from.to_string(), to.to_string(), shorter.to_string(), due_at_once.to_string()]
    });
    table(&["CLASS", "DAYS", "CONFIGURED", "EARLIER", "DUE AT ONCE"], &rows.collect::<Vec<_>>())
}

async fn shorten(client: &Client, printer: &Printer, arguments: &ShortenArguments) -> Result<Exit, Failure> {
    let plan: RetentionPlan = client.ask(Method::Get, "/v1/retention/plan", None).await?.read()?;
    let shortened = Shortened { shorter: plan.shorter };
    if shortened.shorter.is_empty() {
        printer.value(&shortened, "Nothing is kept for longer than the configuration says.")?;
        return Ok(Exit::Done);
    }
    if arguments.dry_run {
        printer.value(&shortened, &shorter_text(&shortened.shorter))?;
        return Ok(Exit::Done);
    }
    if !printer.json && !arguments.yes {
        printer.value(&(), &shorter_text(&shortened.shorter))?;
    }
    let due: i64 = shortened.shorter.iter().map(|change| change.due_at_once).sum();
    let earlier: i64 = shortened.shorter.iter().map(|change| change.shorter).sum();
    let question = format!("Purge {due} records with the next run, and {earlier} in all earlier? yes or no");
    prompt::confirm(&question, arguments.yes)?;
    let progress = printer.progress("shortening");
    let answer = client.ask(Method::Post, "/v1/retention/shorten", None).await;
    drop(progress);
    let answer = answer?;
    let shortened: Shortened = answer.read()?;
    printer.answer(&answer.body, || {
        format!("{}What is due goes with the next run: `ordersync retention run`\n", shorter_text(&shortened.shorter))
    })?;
    Ok(Exit::Done)
}

async fn purge(client: &Client, printer: &Printer, arguments: &RunArguments) -> Result<Exit, Failure> {
    let plan: RetentionPlan = client.ask(Method::Get, "/v1/retention/plan", None).await?.read()?;
    let due: i64 = plan.classes.iter().map(|class| class.due).sum();
    if due > 0 {
        prompt::confirm(&format!("Destroy the keys of {due} records for good? yes or no"), arguments.yes)?;
    }
    let body = serde_json::to_vec(&RunRetention { dry_run: false, clock_is_right: arguments.clock_is_right })
        .unwrap_or_default();
    let progress = printer.progress("purging");
    let answer = client.ask(Method::Post, "/v1/retention/run", Some(body)).await;
    drop(progress);
    let answer = answer?;
    let proof: RetentionProof = answer.read()?;
    printer.answer(&answer.body, || {
        if proof.classes.is_empty() {
            return "Nothing is due.".to_owned();
        }
        let rows = proof.classes.iter().map(|class| {
            let left = moment_or_dash(class.oldest_left);
            vec![class.class.clone(), class.due.to_string(), class.destroyed.to_string(), left]
        });
        let mut text = table(&["CLASS", "DUE", "PURGED", "NEXT DUE"], &rows.collect::<Vec<_>>());
        text.push_str(&format!("Files: {}\n", proof.physical.clone().unwrap_or_default()));
        if let Some(outside @ 1..) = proof.copies_outside {
            text.push_str(&copies_outside(outside));
        }
        if !proof.clean {
            text.push_str("A reader stood in the way of wiping the files: run it again.\n");
        }
        text
    })?;
    Ok(if proof.clean { Exit::Done } else { Exit::TryAgain })
}

async fn report(client: &Client, printer: &Printer) -> Result<Exit, Failure> {
    let answer = client.ask(Method::Get, "/v1/retention/report", None).await?;
    let report: RetentionReportView = answer.read()?;
    printer.answer(&answer.body, || {
        if report.runs.is_empty() {
            return "No run yet: nothing was due so far.".to_owned();
        }
        let rows = report.runs.iter().map(|run| {
            vec![
                moment(run.started_at),
                run.class.clone(),
                run.state.clone(),
                run.due.to_string(),
                run.destroyed.to_string(),
                format!("{} h", run.late_max_ms / 3_600_000),
                run.probe.clone().or_else(|| run.failure.clone()).unwrap_or_default(),
            ]
        });
        let head = ["STARTED", "CLASS", "STATE", "DUE", "PURGED", "LATEST", "PROBE"];
        let mut text = table(&head, &rows.collect::<Vec<_>>());
        if let Some(files) = report.runs.iter().find_map(|run| run.physical.as_deref()) {
            text.push_str(&format!("Files: {files}\n"));
        }
        if let Some(outside @ 1..) = report.runs.iter().find_map(|run| run.copies_outside) {
            text.push_str(&copies_outside(outside));
        }
        text.push_str(&format!("Not reached: {}.\n", report.beyond_reach));
        text
    })?;
    Ok(Exit::Done)
}

fn copies_outside(number: i64) -> String {
    format!("Copies outside, not deleted: {number}. Each goes, or is reported, with its owner's next command.\n")
}
