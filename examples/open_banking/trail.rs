//! The operator's own record of what happened, read back from the store.

use ingam::{store::Trail, wire::UnixTime};

use crate::{
    report::Report,
    stage::{Failure, Stage},
};

/// Prints the trail and checks that it tells everything.
pub(crate) async fn print(stage: &Stage, report: &mut Report) -> Result<(), Failure> {
    stage.audit.flush_counted().await?;
    let trail = Trail::new(stage.store.clone(), stage.sealer.clone());
    let now = stage.clock.time();
    let events = trail.since(UnixTime::from_secs(0), 1_000, now).await?;
    println!("\nThe operator's record (X.1149 3.1.16.9), as it lies sealed in the store");
    for event in &events {
        let outcome = event.refused.as_ref().map_or_else(|| "done".to_owned(), |reason| format!("refused: {reason}"));
        let threat = event.threat.as_ref().map(|threat| format!(" · threat {threat}")).unwrap_or_default();
        let key = event
            .key_id
            .as_ref()
            .map(|key| format!(" · key {}", key.chars().take(8).collect::<String>()))
            .unwrap_or_default();
        let reference = event.reference.as_ref().map(|of| format!(" · {of}")).unwrap_or_default();
        let who = [&event.fintech, &event.user].into_iter().flatten().cloned().collect::<Vec<_>>().join("/");
        println!(
            "  {} {:<10} {:<22} {who} {outcome}{threat}{key}{reference}",
            event.at.to_rfc3339(),
            event.control,
            event.kind
        );
    }
    let has = |kind: &str| events.iter().any(|event| event.kind == kind && event.refused.is_none());
    println!();
    report.proves(
        "every step left its line: push, authentication, consent, code, access key, transaction, payment",
        [
            "RequestPushed",
            "UserAuthenticated",
            "ConsentGiven",
            "CodeIssued",
            "AccessKeyIssued",
            "Transaction",
            "Payment",
        ]
        .iter()
        .all(|kind| has(kind)),
    );
    report.proves(
        "each line names its policy and control item, each refusal its threat",
        events.iter().all(|event| {
            !event.policy.is_empty()
                && event.control.starts_with("3.1.")
                && (event.refused.is_none()
                    || event.threat.is_some()
                    || event.kind == "ConsentRefused"
                    || event.kind == "Payment")
        }),
    );
    Ok(())
}
