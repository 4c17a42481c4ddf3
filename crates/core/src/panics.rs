//! A panic in one job must not stop the rest.

use std::any::Any;
use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;

/// A job panicked. Carries the place of the panic at most: its payload may hold anything.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{job} panicked: this is a fault of the program; please report it")]
pub struct Caught {
    /// Which job.
    pub job: &'static str,
}

/// Runs `work`, turning a panic into an error.
///
/// # Errors
/// [`Caught`] when it panicked.
pub async fn caught<T>(job: &'static str, work: impl Future<Output = T>) -> Result<T, Caught> {
    AssertUnwindSafe(work).catch_unwind().await.map_err(|_payload: Box<dyn Any + Send>| Caught { job })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_becomes_an_error_and_the_next_job_runs() {
        let panics = async {
            if std::hint::black_box(true) {
                panic!("Ada Example")
            }
        };
        let error = caught("first", panics).await.unwrap_err();
        assert!(!error.to_string().contains("Ada"));
        assert_eq!(caught("second", async { 7 }).await, Ok(7));
    }
}
