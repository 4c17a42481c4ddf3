//! Retention: plan, run, proofs.

use axum::extract::State;
use axum::{Extension, Json};
use ordersync_core::RetentionRun;
use ordersync_core::retention::PolicyChange;

use crate::api::{Api, SELLER};
use crate::body::JsonBody;
use crate::dto::{
    ClassPlan, ClassPurged, PolicyChangeView, RetentionOutcome, RetentionPlan, RetentionProof, RetentionReportView,
    RetentionRunView, RunRetention, Shortened,
};
use crate::error::WebError;
use crate::role::Caller;

/// Runs that the report shows: a class a day for about three months.
const MOST_RUNS: u64 = 300;

/// `GET /v1/retention/plan`.
pub(crate) async fn plan(State(api): State<Api>) -> Result<Json<RetentionPlan>, WebError> {
    planned(&api).await.map(Json)
}

async fn planned(api: &Api) -> Result<RetentionPlan, WebError> {
    let at = api.core.clock.now();
    let state = api.core.plan_retention().await.map_err(WebError::core)?;
    let classes = state.into_iter().map(|state| ClassPlan {
        class: state.class.name().to_owned(),
        due: state.due,
        held: state.held,
        earliest_due: state.earliest_due,
    });
    let shorter = api.core.policy_changes(SELLER).await.map_err(WebError::core)?;
    Ok(RetentionPlan { at, classes: classes.collect(), shorter: shorter.into_iter().map(change_view).collect() })
}

fn change_view(change: PolicyChange) -> PolicyChangeView {
    let PolicyChange { class, from, to, shorter, due_at_once } = change;
    PolicyChangeView { class, from, to, shorter, due_at_once }
}

/// `POST /v1/retention/shorten`: what is held is kept no longer than the configuration says.
pub(crate) async fn shorten(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
) -> Result<Json<Shortened>, WebError> {
    let shorter = api.core.shorten_held(SELLER, &caller.actor()).await.map_err(WebError::core)?;
    Ok(Json(Shortened { shorter: shorter.into_iter().map(change_view).collect() }))
}

/// `POST /v1/retention/run`.
pub(crate) async fn run(
    State(api): State<Api>,
    JsonBody(body): JsonBody<RunRetention>,
) -> Result<Json<RetentionOutcome>, WebError> {
    if body.dry_run {
        return Ok(Json(RetentionOutcome::Planned(planned(&api).await?)));
    }
    let run =
        if body.clock_is_right { api.core.run_retention_at_this_clock().await } else { api.core.run_retention().await };
    let Some(report) = run.map_err(WebError::core)? else {
        let message = "another daemon or command is running retention";
        return Err(WebError::conflict(message, "wait until it is done, then see `ordersync retention report`"));
    };
    let classes = report.classes.into_iter().map(|class| ClassPurged {
        class: class.class.name().to_owned(),
        due: class.due,
        destroyed: class.destroyed,
        late_max_ms: class.late_max_ms,
        oldest_left: class.oldest_left,
    });
    let proof = RetentionProof {
        classes: classes.collect(),
        physical: report.physical,
        clean: report.clean,
        copies_outside: report.copies_outside,
    };
    Ok(Json(RetentionOutcome::Done(proof)))
}

/// `GET /v1/retention/report`.
pub(crate) async fn report(State(api): State<Api>) -> Result<Json<RetentionReportView>, WebError> {
    let runs = api.core.store.retention_runs(MOST_RUNS).await.map_err(WebError::database)?;
    let runs = runs.into_iter().map(run_view).collect();
    Ok(Json(RetentionReportView { runs, beyond_reach: api.core.beyond_reach() }))
}

pub(crate) fn run_view(run: RetentionRun) -> RetentionRunView {
    RetentionRunView {
        id: run.run_id.to_string(),
        started_at: run.started_at,
        finished_at: run.finished_at,
        cutoff: run.cutoff,
        state: run.state,
        class: run.class,
        due: run.due,
        destroyed: run.destroyed,
        late_max_ms: run.late_max_ms,
        oldest_left: run.oldest_left,
        physical: run.physical,
        probe: run.probe,
        failure: run.failure,
        copies_outside: run.outside,
    }
}
