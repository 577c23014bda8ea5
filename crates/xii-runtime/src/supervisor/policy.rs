//! What follows when a process ends without being told to.

use crate::formation::{Kind, Restart};

/// What follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// It is started again.
    Again,
    /// It stays ended.
    Stay,
    /// Everything is stopped.
    StopAll,
}

/// What follows the end of an instance of this kind.
pub(crate) fn after_end(kind: &Kind, restart: Restart, failed: bool) -> Next {
    match (kind, restart) {
        // That it ends is its purpose, whatever follows a service's end.
        (Kind::Once, _) if !failed => Next::Stay,
        (Kind::Task | Kind::Schedule(_), _) => Next::Stay,
        (_, Restart::StopAll) => Next::StopAll,
        (_, Restart::Never) => Next::Stay,
        (_, Restart::OnFailure) if !failed => Next::Stay,
        (_, Restart::OnFailure) => Next::Again,
        (Kind::Once, Restart::Always) | (Kind::Service, Restart::Always) => Next::Again,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_one_shot_that_ended_well_is_done() {
        for restart in [
            Restart::Always,
            Restart::OnFailure,
            Restart::Never,
            Restart::StopAll,
        ] {
            assert_eq!(after_end(&Kind::Once, restart, false), Next::Stay);
        }
        assert_eq!(after_end(&Kind::Once, Restart::Always, true), Next::Again);
        assert_eq!(
            after_end(&Kind::Once, Restart::StopAll, true),
            Next::StopAll
        );
    }

    #[test]
    fn a_service_follows_its_policy() {
        let after = |restart, failed| after_end(&Kind::Service, restart, failed);
        assert_eq!(after(Restart::Always, false), Next::Again);
        assert_eq!(after(Restart::OnFailure, false), Next::Stay);
        assert_eq!(after(Restart::OnFailure, true), Next::Again);
        assert_eq!(after(Restart::Never, true), Next::Stay);
        assert_eq!(after(Restart::StopAll, false), Next::StopAll);
    }

    #[test]
    fn a_scheduled_run_waits_for_its_next_time() {
        let kind = Kind::Schedule("* * * * *".to_owned());
        assert_eq!(after_end(&kind, Restart::StopAll, true), Next::Stay);
    }
}
