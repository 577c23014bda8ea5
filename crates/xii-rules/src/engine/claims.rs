//! What rules say: findings, positive evidence, and that a criterion asks nothing of the app.

use xii_model::{
    Confidence, Criterion, Edit, Evidence, Finding, Fix, Persona, Related, Safety, Severity,
};

use crate::Rule;

/// Collects what the rules say of one app.
#[derive(Debug)]
pub struct Claims<'a> {
    pub(crate) rule: &'static Rule,
    pub(crate) app: &'a str,
    pub(crate) said: &'a mut Said,
}

/// All that the rules said of one app.
#[derive(Debug, Default)]
pub(crate) struct Said {
    pub(crate) findings: Vec<Draft>,
    pub(crate) holds: Vec<Support>,
    pub(crate) not_applicable: Vec<(&'static str, String)>,
    pub(crate) open: Vec<(&'static str, String)>,
}

/// Positive evidence for a criterion.
#[derive(Debug)]
pub(crate) struct Support {
    pub(crate) criterion: &'static str,
    pub(crate) reason: String,
    pub(crate) evidence: Option<Evidence>,
}

impl Claims<'_> {
    /// Says that the criterion is broken here. `message`: what is there and why it matters, one or
    /// two sentences, first letter in lower case unless it is a name, no full stop at the end.
    /// Returns the draft for what else there is to say; confidence is medium unless it is changed.
    pub fn finding(&mut self, evidence: &Evidence, message: impl Into<String>) -> &mut Draft {
        self.finding_on(
            self.rule.criteria.first().copied().unwrap_or_default(),
            evidence,
            message,
        )
    }

    /// The same for another of the rule's criteria than its first.
    pub fn finding_on(
        &mut self,
        criterion: &'static str,
        evidence: &Evidence,
        message: impl Into<String>,
    ) -> &mut Draft {
        let draft = Draft {
            subject: String::new(),
            finding: Finding {
                fingerprint: String::new(),
                rule: self.rule.name,
                criterion,
                factor: Criterion::find(criterion)
                    .map_or(xii_model::Factor::I, |known| known.factor),
                app: self.app.to_owned(),
                severity: self.rule.severity,
                confidence: Confidence::Medium,
                persona: Persona::Regular,
                message: message.into(),
                evidence: evidence.clone(),
                help: String::new(),
                related: Vec::new(),
                fix: None,
                suppression: None,
            },
        };
        let index = self.said.findings.len();
        self.said.findings.push(draft);
        &mut self.said.findings[index]
    }

    /// Says that there is positive evidence that the app keeps the criterion. `reason`: what was
    /// seen, as a clause: `PORT is read at server.js`.
    pub fn holds(
        &mut self,
        criterion: &'static str,
        reason: impl Into<String>,
        evidence: &Evidence,
    ) {
        self.said.holds.push(Support {
            criterion,
            reason: reason.into(),
            evidence: Some(evidence.clone()),
        });
    }

    /// The same where no single place shows it: `no credential in 120 files`.
    pub fn holds_throughout(&mut self, criterion: &'static str, reason: impl Into<String>) {
        self.said.holds.push(Support {
            criterion,
            reason: reason.into(),
            evidence: None,
        });
    }

    /// Says that the criterion asks nothing of this app, and why.
    pub fn not_applicable(&mut self, criterion: &'static str, reason: impl Into<String>) {
        self.said.not_applicable.push((criterion, reason.into()));
    }

    /// Says why the criterion cannot be answered from this code, where that is worth more than the
    /// general sentence.
    pub fn could_not_tell(&mut self, criterion: &'static str, reason: impl Into<String>) {
        self.said.open.push((criterion, reason.into()));
    }
}

/// A finding in the making.
#[derive(Debug)]
pub struct Draft {
    pub(crate) finding: Finding,
    /// What the claim is about, so that its fingerprint survives an edit of the line.
    pub(crate) subject: String,
}

impl Draft {
    /// How sure the claim is.
    pub fn confidence(&mut self, confidence: Confidence) -> &mut Self {
        self.finding.confidence = confidence;
        self
    }

    /// How bad it is, where that differs from the rule's own.
    pub fn severity(&mut self, severity: Severity) -> &mut Self {
        self.finding.severity = severity;
        self
    }

    /// Raises it only for those who asked for strictness.
    pub fn strict(&mut self) -> &mut Self {
        self.finding.persona = Persona::Strict;
        self
    }

    /// What to write instead, in this app's own framework. May have several lines; code stands
    /// indented by four spaces.
    pub fn help(&mut self, help: impl Into<String>) -> &mut Self {
        self.finding.help = help.into();
        self
    }

    /// What the claim is about, such as a variable's name: part of the fingerprint.
    pub fn subject(&mut self, subject: impl Into<String>) -> &mut Self {
        self.subject = subject.into();
        self
    }

    /// Another place that belongs to the claim.
    pub fn related(&mut self, evidence: &Evidence, message: impl Into<String>) -> &mut Self {
        self.finding.related.push(Related {
            evidence: evidence.clone(),
            message: message.into(),
        });
        self
    }

    /// A change that mends it and cannot change what the program means.
    pub fn safe_fix(&mut self, title: impl Into<String>, edits: Vec<Edit>) -> &mut Self {
        self.finding.fix = Some(Fix {
            title: title.into(),
            safety: Safety::Safe,
            edits,
        });
        self
    }

    /// A change that mends it and that a person should look at first.
    pub fn unsafe_fix(&mut self, title: impl Into<String>, edits: Vec<Edit>) -> &mut Self {
        self.finding.fix = Some(Fix {
            title: title.into(),
            safety: Safety::Unsafe,
            edits,
        });
        self
    }
}
