//! A proof, as its JSON says it.

use std::collections::BTreeMap;

use serde_json::Value;

/// What a run said of a criterion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Holds,
    Broken,
    NotApplicable,
    CouldNotTell,
}

/// What the run said of every criterion that it was asked.
#[derive(Clone, Debug)]
pub(crate) struct Proof {
    pub(crate) verdicts: BTreeMap<String, (Verdict, String)>,
}

impl Proof {
    /// Reads the report; the first trial of a criterion is the one that decides.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let report: Value =
            serde_json::from_str(text).map_err(|error| format!("this is no JSON: {error}"))?;
        let mut verdicts = BTreeMap::new();
        let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
        for app in list(&report["apps"]) {
            for factor in list(&app["factors"]) {
                for criterion in list(&factor["criteria"]) {
                    let Some(trial) = criterion["trials"].get(0) else {
                        continue;
                    };
                    let verdict = match trial["verdict"].as_str() {
                        Some("holds") => Verdict::Holds,
                        Some("broken") => Verdict::Broken,
                        Some("not_applicable") => Verdict::NotApplicable,
                        Some("could_not_tell") => Verdict::CouldNotTell,
                        other => return Err(format!("{other:?} is no verdict")),
                    };
                    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
                    verdicts.insert(text(&criterion["id"]), (verdict, text(&trial["reason"])));
                }
            }
        }
        Ok(Proof { verdicts })
    }
}
