//! The register: which criteria there are, and which editions hold an app to them.

use super::{
    i_codebase, ii_dependencies, iii_config, iv_backing_services, ix_disposability,
    v_build_release_run, vi_processes, vii_port_binding, viii_concurrency, x_dev_prod_parity,
    xi_logs, xii_admin_processes, xiii_api_first, xiv_telemetry, xv_auth,
};
use crate::{Criterion, Profile};

// Which criteria stand in the edition of 2011? Factors I to XII do, where they demand what its text
// demands or make such a demand testable on today's platforms. The text asks that a process says
// when it can receive requests, that resources can be attached and detached while it runs, and that
// one can find a single event in the stream: so health routes (IX.6, IV.6), back-off (IV.7) and
// request ids (XI.5) stay. Auditing dependencies for known faults (II.7) and credentials that rotate
// under the app (III.9) are demands of their own that came later, as are factors XIII to XV.

/// Every edition.
pub(super) const EVERY: &[Profile] = &[Profile::Twelve, Profile::Fifteen, Profile::Next];

/// The editions after the text of 2011.
pub(super) const LATER: &[Profile] = &[Profile::Fifteen, Profile::Next];

/// All criteria, in the order of their factors and numbers.
pub(crate) fn all() -> impl Iterator<Item = &'static Criterion> {
    [
        i_codebase::CRITERIA,
        ii_dependencies::CRITERIA,
        iii_config::CRITERIA,
        iv_backing_services::CRITERIA,
        v_build_release_run::CRITERIA,
        vi_processes::CRITERIA,
        vii_port_binding::CRITERIA,
        viii_concurrency::CRITERIA,
        ix_disposability::CRITERIA,
        x_dev_prod_parity::CRITERIA,
        xi_logs::CRITERIA,
        xii_admin_processes::CRITERIA,
        xiii_api_first::CRITERIA,
        xiv_telemetry::CRITERIA,
        xv_auth::CRITERIA,
    ]
    .into_iter()
    .flatten()
}
