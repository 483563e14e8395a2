//! Has the jobs of the queue done, some at a time: inside the server, or alone as `grantlink worker`. A job that fails,
//! panics or takes too long harms no other (F48), and one whose server died is taken over when its lease ends (F34).

use super::perform;
use crate::{
    failure::Failure,
    identity,
    queue::{self, Claim, Lane, MAX_FAILURES, Trouble},
    work::Tools,
};
use futures::FutureExt;
use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

/// Jobs at a time. They mostly wait for Instagram.
const AT_A_TIME: usize = 8;
/// Jobs that copy pictures, beside those: however long Instagram's picture servers take, no mail and no renewal waits.
const COPIES_AT_A_TIME: usize = 2;
/// How long a new job may lie unseen.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How long one job may take: less than its lease.
const JOB_TIMEOUT: Duration = Duration::from_secs(100);
/// How long jobs under way may take once the server stops; after that their leases hand them on.
const GRACE: Duration = Duration::from_secs(20);

/// Takes jobs and has them done until told to stop.
pub async fn run(tools: Arc<Tools>, stopping: CancellationToken) {
    tokio::join!(
        run_lane(&tools, Lane::Others, AT_A_TIME, &stopping),
        run_lane(&tools, Lane::Copies, COPIES_AT_A_TIME, &stopping),
    );
}

async fn run_lane(tools: &Arc<Tools>, lane: Lane, at_a_time: usize, stopping: &CancellationToken) {
    let mut under_way = JoinSet::new();
    while !stopping.is_cancelled() {
        let free = at_a_time - under_way.len();
        match take(tools, lane, free).await {
            Ok(claims) => {
                for claim in claims {
                    let tools = Arc::clone(tools);
                    let span = tracing::info_span!("job", kind = claim.job.kind(), id = %claim.id);
                    under_way.spawn(async move { attend(&tools, &claim).await }.instrument(span));
                }
            }
            Err(failure) => failure.log("the queue could not be read"),
        }
        tokio::select! {
            () = stopping.cancelled() => {}
            Some(_) = under_way.join_next() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
    let finished = async { while under_way.join_next().await.is_some() {} };
    if tokio::time::timeout(GRACE, finished).await.is_err() {
        tracing::warn!("jobs under way did not finish in time; they will be taken over");
    }
}

/// Does everything that is due, and what becomes due by it at once. For commands and tests.
///
/// # Errors
/// When the database does not answer.
pub async fn run_until_idle(tools: &Arc<Tools>) -> Result<usize, Failure> {
    let mut done = 0;
    loop {
        let mut under_way = JoinSet::new();
        answer_reset_requests(tools).await;
        let claims = queue::claim(&mut tools.db.write().await?, tools.now(), limit_of(AT_A_TIME)).await?;
        for claim in claims {
            let tools = Arc::clone(tools);
            under_way.spawn(async move { attend(&tools, &claim).await });
        }
        if under_way.is_empty() {
            return Ok(done);
        }
        done += under_way.len();
        while under_way.join_next().await.is_some() {}
    }
}

async fn take(tools: &Tools, lane: Lane, free: usize) -> Result<Vec<Claim>, Failure> {
    if free == 0 {
        return Ok(Vec::new());
    }
    if lane == Lane::Others {
        answer_reset_requests(tools).await;
    }
    let now = tools.now();
    if !queue::is_any_due(&mut tools.db.read().await?, lane, now).await? {
        return Ok(Vec::new());
    }
    queue::claim_in(&mut tools.db.write().await?, lane, now, limit_of(free)).await
}

/// Whoever forgot a password asked for a mail; who that is, if anybody, is looked up here. It holds up no job.
async fn answer_reset_requests(tools: &Tools) {
    if let Err(failure) = identity::service::answer_reset_requests(tools).await {
        failure.log("requests for new passwords were not looked at");
    }
}

fn limit_of(jobs: usize) -> i32 {
    i32::try_from(jobs).unwrap_or(0)
}

/// Does one job, whatever happens.
async fn attend(tools: &Tools, claim: &Claim) {
    let done = if claim.failures > MAX_FAILURES {
        // It never came to say why it failed: it takes its server down.
        Err(Trouble::Never("the server died each time it was done".into()))
    } else {
        let guarded = AssertUnwindSafe(tokio::time::timeout(JOB_TIMEOUT, perform(tools, claim))).catch_unwind();
        match guarded.await {
            Ok(Ok(done)) => done,
            Ok(Err(_)) => Err(Trouble::Again("it took too long".into())),
            Err(_) => Err(Trouble::Again("it panicked; the log says where".into())),
        }
    };
    let Err(trouble) = done else { return };
    let written = async {
        let mut conn = tools.db.write().await?;
        queue::put_off(&mut conn, &tools.randomness, claim, trouble, tools.now()).await
    };
    match written.await {
        Ok(false) => {}
        Ok(true) => tracing::error!(kind = claim.job.kind(), id = %claim.id, "a job was given up"),
        Err(failure) => failure.log("a failed job could not be put off; its lease will hand it on"),
    }
}
