//! What a module gives to others: where its names' values come from.

use xii_model::{EnvValue, Origin};

use super::settings;
use crate::languages::language::{Exports, File};
use crate::languages::python::surroundings::is_development_class;
use crate::languages::python::values::{Python, class_of, redacted_for, returned};
use crate::languages::syntax::{Binding, Kind, NodeId, Tree};

/// No more than this is exported by one file.
const MOST: usize = 2_000;

/// The values that a file's names lead to.
pub(in crate::languages::python) fn exports(file: &File<'_>, values: &Python) -> Exports {
    let tree = file.tree;
    let mut found = Exports::new();
    for (name, bindings) in tree.top_level() {
        if found.len() > MOST {
            break;
        }
        for binding in bindings {
            match binding {
                Binding::Value(value) => variable(tree, values, name, *value, &mut found),
                Binding::Declared(declared) => {
                    declaration(tree, values, name, *declared, &mut found)
                }
                Binding::Import(_) | Binding::Unknown => {}
            }
        }
    }
    for import in &tree.imports {
        // A package hands on what its modules define.
        if let (Some(local), Some(member)) = (&import.local, &import.member)
            && import.module.starts_with('.')
        {
            let origin = Origin::Config(format!("{}#{member}", import.module));
            found.entry(local.clone()).or_insert(origin);
        }
        if import.member.as_deref() == Some("*") {
            let origin = Origin::Config(format!("{}#", import.module));
            found.entry(format!("*{}", import.module)).or_insert(origin);
        }
    }
    found
}

fn variable(tree: &Tree, values: &Python, name: &str, value: NodeId, found: &mut Exports) {
    if let Some(class) = class_of(tree, value) {
        class_members(tree, values, name, class, found);
        return;
    }
    put(name, values.origin(tree, value), found);
    let mut open = vec![(name.to_owned(), value, 0)];
    while let Some((path, map, depth)) = open.pop() {
        let Kind::Map(pairs) = tree.kind(map) else {
            continue;
        };
        for pair in pairs {
            if let Some(key) = &pair.key
                && found.len() < MOST
            {
                let path = format!("{path}.{key}");
                put(&path, values.origin(tree, pair.value), found);
                if depth < 4 {
                    open.push((path, pair.value, depth + 1));
                }
            }
        }
    }
}

fn declaration(tree: &Tree, values: &Python, name: &str, declared: NodeId, found: &mut Exports) {
    match tree.kind(declared) {
        Kind::Class(_) => class_members(tree, values, name, declared, found),
        // `get_settings()` that returns an instance.
        Kind::Function(function) => {
            if let Some(class) =
                returned(tree, function.body).and_then(|value| class_of(tree, value))
            {
                class_members(tree, values, name, class, found);
            }
        }
        _ => {}
    }
}

fn class_members(tree: &Tree, values: &Python, name: &str, class: NodeId, found: &mut Exports) {
    let Some(seen) = tree.as_class(class) else {
        return;
    };
    if seen.name.as_deref().is_some_and(is_development_class) {
        return;
    }
    if settings::is_settings(tree, class) {
        for field in settings::fields(tree, class) {
            let default = field
                .default
                .and_then(|value| values.origin(tree, value).fallback().map(str::to_owned));
            if let Some(variable) = field.variables.into_iter().next() {
                let origin = Origin::Env(EnvValue {
                    name: variable,
                    default,
                });
                put(&format!("{name}.{}", field.field), origin, found);
            }
        }
    }
    for item in tree.children(seen.body) {
        let (field, value) = match tree.kind(item) {
            Kind::Assign { target, value, .. } => match tree.kind(*target) {
                Kind::Name(field) => (field, *value),
                _ => continue,
            },
            Kind::Field {
                name: field,
                value: Some(value),
                ..
            } => (field, *value),
            // A property that puts a locator together from fields.
            Kind::Function(function) => match (&function.name, returned(tree, function.body)) {
                (Some(field), Some(value)) if !function.decorators.is_empty() => (field, value),
                _ => continue,
            },
            _ => continue,
        };
        let path = format!("{name}.{field}");
        if !found.contains_key(&path) {
            put(&path, values.origin(tree, value), found);
        }
    }
}

fn put(path: &str, origin: Origin, found: &mut Exports) {
    if matches!(origin, Origin::Computed | Origin::Absent) || found.len() >= MOST {
        return;
    }
    let name = path.rsplit('.').next().unwrap_or(path);
    let origin = match redacted_for(name, origin) {
        Origin::Env(value) => {
            let default = redacted_for(
                &value.name,
                value.default.map_or(Origin::Absent, Origin::Literal),
            );
            Origin::Env(EnvValue {
                name: value.name,
                default: default.literal().map(str::to_owned),
            })
        }
        other => other,
    };
    // An earlier value that the environment can set says more than a later literal.
    match found.get(path) {
        Some(Origin::Env(_)) => {}
        _ => {
            found.insert(path.to_owned(), origin);
        }
    }
}
