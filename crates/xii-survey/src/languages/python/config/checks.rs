//! Checks of config at start: settings classes, seals, and an `if` that raises.

use std::collections::BTreeSet;

use xii_model::ConfigCheck;

use super::environment::is_variable_name;
use super::settings;
use crate::languages::python::bounds::texts;
use crate::languages::python::reader::Reader;
use crate::languages::python::values::Python;
use crate::languages::syntax::{Kind, NodeId, Operator, Tree};

/// What the file checks by hand.
#[derive(Debug, Default)]
pub(in crate::languages::python) struct Checked {
    /// Variables whose absence stops the program.
    pub(in crate::languages::python) names: BTreeSet<String>,
    /// Where, and which variables.
    at: Vec<(NodeId, Vec<String>)>,
}

/// Finds what the file checks by hand.
pub(in crate::languages::python) fn by_hand(tree: &Tree, values: &Python) -> Checked {
    let mut checked = Checked::default();
    for id in tree.ids() {
        let names = match tree.kind(id) {
            Kind::If { test, then, .. } if stops(tree, *then) => missing(tree, *test, values, true),
            Kind::Assert(test) => missing(tree, *test, values, false),
            _ => continue,
        };
        if !names.is_empty() {
            checked.names.extend(names.iter().cloned());
            checked.at.push((id, names));
        }
    }
    checked
}

/// Adds a fact for each check.
pub(in crate::languages::python) fn read(reader: &mut Reader<'_>, checked: &Checked) {
    let tree = reader.tree;
    for (id, names) in &checked.at {
        let through = match tree.kind(*id) {
            Kind::Assert(_) => "assert",
            _ => "an if that raises",
        };
        let stops = !reader.scope(*id).handler;
        reader.push(
            *id,
            ConfigCheck {
                through: through.to_owned(),
                names: names.clone(),
                stops,
            },
        );
    }
    for id in tree.ids() {
        let Some(class) = tree.as_class(id) else {
            continue;
        };
        if !settings::is_settings(tree, id) {
            continue;
        }
        let names = settings::fields(tree, id)
            .into_iter()
            .flat_map(|field| field.variables)
            .collect();
        let end = tree.span(class.body).start;
        let span = tree.span(id).start..end;
        reader.push_span(
            id,
            span,
            ConfigCheck {
                through: "pydantic-settings".to_owned(),
                names,
                stops: true,
            },
        );
    }
    for (id, path) in reader.calls {
        let (through, names) = match path.as_str() {
            "environs.Env().seal" | "environs.env.seal" => ("environs", Vec::new()),
            "dynaconf.Validator" if tree.keyword(*id, "must_exist").is_some() => {
                let names = tree
                    .args(*id)
                    .iter()
                    .filter(|arg| arg.name.is_none())
                    .filter_map(|arg| tree.as_text(arg.value).map(str::to_owned))
                    .collect();
                ("dynaconf", names)
            }
            _ => continue,
        };
        reader.push(
            *id,
            ConfigCheck {
                through: through.to_owned(),
                names,
                stops: true,
            },
        );
    }
}

/// Whether a block raises or ends the program.
pub(in crate::languages::python) fn stops(tree: &Tree, block: NodeId) -> bool {
    tree.within(block).any(|id| match tree.kind(id) {
        Kind::Throw(_) => true,
        Kind::Call { callee, .. } => matches!(
            tree.path(*callee).as_deref(),
            Some("sys.exit" | "exit" | "quit" | "os._exit")
        ),
        _ => false,
    })
}

/// The variables whose absence makes a test come out as `holds`.
fn missing(tree: &Tree, test: NodeId, values: &Python, holds: bool) -> Vec<String> {
    match tree.kind(test) {
        Kind::Not(inner) => missing(tree, *inner, values, !holds),
        Kind::Binary {
            operator: Operator::Or | Operator::And,
            left,
            right,
        } => {
            let mut names = missing(tree, *left, values, holds);
            names.extend(missing(tree, *right, values, holds));
            names
        }
        Kind::Binary {
            operator: operator @ (Operator::Equal | Operator::NotEqual),
            left,
            right,
        } if is_empty(tree, *right) => {
            if (*operator == Operator::Equal) == holds {
                variable(tree, *left, values)
            } else {
                Vec::new()
            }
        }
        Kind::Binary {
            operator: operator @ (Operator::In | Operator::NotIn),
            left,
            right,
        } if tree.path(*right).as_deref() == Some("os.environ") => {
            if (*operator == Operator::NotIn) != holds {
                return Vec::new();
            }
            match tree.as_text(tree.follow(*left)) {
                Some(name) => vec![name.to_owned()],
                None => looped_over(tree, *left),
            }
        }
        // `if not (key := os.getenv("KEY")):`
        Kind::Assign { value, .. } if !holds => variable(tree, *value, values),
        Kind::Name(_) | Kind::Member { .. } | Kind::Call { .. } if !holds => {
            variable(tree, test, values)
        }
        _ => Vec::new(),
    }
}

/// The variables that a loop goes over: `for name in ("A", "B"): if name not in os.environ: …`.
fn looped_over(tree: &Tree, id: NodeId) -> Vec<String> {
    let Kind::Name(name) = tree.kind(id) else {
        return Vec::new();
    };
    for outer in tree.ancestors(id) {
        if let Kind::Loop { head, .. } = tree.kind(outer)
            && let [target, list, ..] = head.as_slice()
            && matches!(tree.kind(*target), Kind::Name(target) if target == name)
        {
            return texts(tree, *list)
                .map(|(_, text)| text.to_owned())
                .filter(|text| is_variable_name(text))
                .collect();
        }
    }
    Vec::new()
}

fn is_empty(tree: &Tree, id: NodeId) -> bool {
    match tree.kind(id) {
        Kind::Null => true,
        Kind::Text(text) => text.is_empty(),
        _ => false,
    }
}

/// The variable that a value is read from without a default.
fn variable(tree: &Tree, id: NodeId, values: &Python) -> Vec<String> {
    match values.origin(tree, id) {
        xii_model::Origin::Env(value) if value.default.as_deref().is_none_or(str::is_empty) => {
            vec![value.name]
        }
        _ => Vec::new(),
    }
}
