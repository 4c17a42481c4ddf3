//! The physical step of a retention run: wiping what the files keep of what was removed, in the copies too, and making up for
//! earlier runs that could not.

use ordersync_store::RetentionRun;

use super::CopyReport;
use super::run::{EARLIER_RUNS, RetentionReport};
use crate::{Core, CoreError};

impl Core {
    /// The physical step, on both databases and on every copy: what was done, and whether nothing is left.
    pub(super) async fn wipe(&self) -> Result<(String, bool, Vec<CopyReport>), CoreError> {
        let (data, keys) = self.store.physical_step().await?;
        let copies = self.follow_copies().await;
        let physical = format!("data: {}; keys: {}; copies: {}", data.what, keys.what, copies_text(&copies));
        let clean = data.clean && keys.clean && clean_copies(&copies);
        Ok((physical, clean, copies))
    }

    /// What there is to do when nothing is due: the copies (an account may have been removed, or another daemon have
    /// purged), and the physical step of earlier runs that somebody stood in the way of.
    pub(super) async fn wipe_again(&self) -> Result<RetentionReport, CoreError> {
        let earlier = self.store.retention_runs(EARLIER_RUNS).await?;
        if !earlier.iter().any(is_unwiped) {
            let copies = self.follow_copies().await;
            return Ok(RetentionReport { clean: clean_copies(&copies), copies, ..RetentionReport::default() });
        }
        let (physical, clean, copies) = self.wipe().await?;
        if clean {
            self.settle_earlier(earlier, &physical).await?;
        }
        Ok(RetentionReport { physical: Some(physical), clean, copies, ..RetentionReport::default() })
    }

    /// Earlier runs whose traces are wiped now: those that a reader stood in the way of are done, those that broke off say so.
    pub(super) async fn settle_earlier(&self, earlier: Vec<RetentionRun>, physical: &str) -> Result<(), CoreError> {
        for mut run in earlier.into_iter().filter(is_unwiped) {
            let whole = run.state == "partial" && run.failure.is_none();
            run.state = if whole { "done".to_owned() } else { "partial".to_owned() };
            if !whole {
                run.failure.get_or_insert_with(|| "it was cut off; what was left went with a later run".to_owned());
            }
            run.finished_at.get_or_insert(self.clock.now());
            run.physical = Some(physical.to_owned());
            self.store.write_retention_run(&run).await?;
        }
        Ok(())
    }
}

/// Whether the files may still hold what this run removed: it was cut off, or a reader stood in the way.
pub(super) fn is_unwiped(run: &RetentionRun) -> bool {
    match run.state.as_str() {
        "done" => false,
        "partial" => run.failure.is_none() || run.physical.is_none(),
        _ => true,
    }
}

/// Whether no copy is left that holds keys which had to go.
fn clean_copies(copies: &[CopyReport]) -> bool {
    copies.iter().all(|copy| copy.left.is_none())
}

fn copies_text(copies: &[CopyReport]) -> String {
    if copies.is_empty() {
        return "none".to_owned();
    }
    let one = |copy: &CopyReport| match (&copy.left, &copy.removed) {
        (Some(why), _) => format!("{}: NOT removed: {why}", copy.copy),
        (None, Some(why)) => format!("{} removed: {why}", copy.copy),
        (None, None) => format!("{}: {} keys destroyed", copy.copy, copy.destroyed),
    };
    copies.iter().map(one).collect::<Vec<_>>().join(", ")
}
