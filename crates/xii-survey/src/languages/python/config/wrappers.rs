//! Functions of a file that read the variable which a parameter names.

use std::collections::HashMap;

use super::environment::{Seen, is_variable_name};
use crate::languages::syntax::{Function, Kind, NodeId, Tree};

/// A function that reads the variable which a parameter names.
#[derive(Clone, Debug)]
pub(in crate::languages::python) struct Wrapper {
    /// The number of the parameter that names the variable.
    name: usize,
    /// The number and name of the parameter that is the default, if there is one.
    default: Option<(usize, String)>,
    /// Whether it turns the value into another type, which fails when it has another form.
    checked: bool,
    /// Whether it raises when the variable is not set and there is no default.
    fails: bool,
}

impl Wrapper {
    /// The read that a call of the function is.
    pub(super) fn seen(&self, tree: &Tree, call: NodeId) -> Option<Seen> {
        let name = tree.as_text(tree.follow(tree.arg(call, self.name)?))?;
        if !is_variable_name(name) {
            return None;
        }
        let default = self.default.as_ref().and_then(|(number, keyword)| {
            tree.keyword(call, keyword)
                .or_else(|| tree.arg(call, *number))
        });
        Some(Seen {
            name: name.to_owned(),
            default,
            fails: self.fails && default.is_none(),
            checked: self.checked,
            through: "os.environ",
        })
    }
}

/// The file's functions that read the variable which a parameter names, by their names.
pub(in crate::languages::python) fn wrappers(tree: &Tree) -> HashMap<String, Wrapper> {
    let mut found = HashMap::new();
    for (id, named) in computed_reads(tree) {
        let Kind::Name(parameter) = tree.kind(named) else {
            continue;
        };
        let Some(function) = tree
            .function_around(id)
            .and_then(|around| tree.as_function(around))
        else {
            continue;
        };
        let number = function
            .parameters
            .iter()
            .position(|one| one.name == *parameter);
        if let (Some(name), Some(number)) = (&function.name, number) {
            found.insert(name.clone(), describe(tree, function, number, id));
        }
    }
    found
}

/// Reads of a variable whose name is not written down: the read, and what names the variable.
pub(super) fn computed_reads(tree: &Tree) -> Vec<(NodeId, NodeId)> {
    let mut found = Vec::new();
    for id in tree.ids() {
        let named = match tree.kind(id) {
            Kind::Index { object, index }
                if tree.path(*object).as_deref() == Some("os.environ") =>
            {
                Some(*index)
            }
            Kind::Call { callee, .. } => match tree.path(*callee).as_deref() {
                Some("os.environ.get" | "os.getenv" | "decouple.config") => tree.arg(id, 0),
                _ => None,
            },
            _ => None,
        };
        if let Some(named) = named
            && tree.as_text(tree.follow(named)).is_none()
        {
            found.push((id, named));
        }
    }
    found
}

fn describe(tree: &Tree, function: &Function, number: usize, read: NodeId) -> Wrapper {
    let default = function
        .parameters
        .iter()
        .enumerate()
        .find(|(at, one)| *at != number && (one.name.contains("default") || one.name == "fallback"))
        .map(|(at, one)| (at, one.name.clone()));
    let inside: Vec<NodeId> = tree.within(function.body).collect();
    let raises = inside
        .iter()
        .any(|id| matches!(tree.kind(*id), Kind::Throw(_)) && !for_its_form(tree, *id));
    let checked = inside.iter().any(|id| {
        tree.called(*id).is_some_and(|path| {
            matches!(
                path.as_str(),
                "int" | "float" | "ast.literal_eval" | "json.loads"
            )
        })
    });
    // What `os.getenv` gives is handed on, set or not: what is raised before is about something else.
    let handed_on = tree
        .ancestors(read)
        .next()
        .is_some_and(|outer| matches!(tree.kind(outer), Kind::Return(_)));
    let looked_up = matches!(tree.kind(read), Kind::Index { .. });
    let fails = looked_up || raises && !handed_on;
    // A method's first parameter is not among the arguments.
    let bound = function
        .parameters
        .first()
        .is_some_and(|one| matches!(one.name.as_str(), "self" | "cls"));
    let shift = usize::from(bound);
    Wrapper {
        name: number - shift.min(number),
        default: default.map(|(at, name)| (at - shift.min(at), name)),
        checked,
        fails,
    }
}

/// Whether an error is raised because a value has another form: inside the handler of a conversion.
fn for_its_form(tree: &Tree, id: NodeId) -> bool {
    let mut inner = id;
    for outer in tree.ancestors(id) {
        match tree.kind(outer) {
            Kind::Function(_) => return false,
            Kind::Try {
                handlers, handles, ..
            } if handlers.contains(&inner) => {
                return !handles.iter().any(|name| name == "KeyError");
            }
            _ => inner = outer,
        }
    }
    false
}
