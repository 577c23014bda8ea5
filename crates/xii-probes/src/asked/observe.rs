//! Code that is loaded before the app's, and writes down which variables the app's code asks for.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::engine::{Setup, Stage};

/// The most bytes of a list that are read.
const LARGEST: u64 = 1 << 20;

/// Wraps `process.env`. A name counts when the code that asks is the app's own: the first file on the stack
/// that is neither Node's nor a package's, where a package is one that reads config for its caller.
const NODE: &str = r"'use strict';
(() => {
  const fs = require('fs');
  const list = process.env.XII_ASKED_LIST, root = process.env.XII_ASKED_ROOT;
  if (!list || !root || process.env.XII_ASKED_DONE === String(process.pid)) return;
  const append = fs.appendFileSync, size = fs.statSync;
  const say = (line) => { try { append(list, line + '\n'); } catch { } };
  const readers = /[\\/]node_modules[\\/](zod|joi|envalid|env-var|convict|nconf|@t3-oss|dotenv|config|getenv|znv)[\\/]/;
  const made = /[\\/](\.next|\.nuxt|\.output|\.svelte-kit)[\\/]/;
  const told = new Set(), asked = new Map(), bundles = new Map();
  const bundled = (file) => {
    if (!bundles.has(file)) { let big = true; try { big = size(file).size > 300000; } catch { } bundles.set(file, big); }
    return bundles.get(file);
  };
  const own = () => {
    const depth = Error.stackTraceLimit; Error.stackTraceLimit = 30;
    const stack = new Error().stack || ''; Error.stackTraceLimit = depth;
    for (const line of stack.split('\n').slice(1)) {
      const found = /(?:\(|at )(?:async )?(?:file:\/\/)?(\/[^()]*?):\d+:\d+\)?$/.exec(line);
      if (!found) continue;
      const file = found[1];
      if (file === __filename || readers.test(file)) continue;
      return file.startsWith(root) && !/[\\/]node_modules[\\/]/.test(file) && !made.test(file) && !bundled(file);
    }
    return false;
  };
  const look = (name) => {
    if (typeof name !== 'string' || told.has(name)) return;
    const times = (asked.get(name) || 0) + 1;
    if (times > 40) return;
    asked.set(name, times);
    if (own()) { told.add(name); say(name); }
  };
  let listed;
  const plain = process.env;
  say('#node');
  process.env = new Proxy(plain, {
    get(at, name) { if (listed === name) { listed = undefined; } else { look(name); } return at[name]; },
    has(at, name) { look(name); return name in at; },
    getOwnPropertyDescriptor(at, name) { listed = name; return Reflect.getOwnPropertyDescriptor(at, name); },
    set(at, name, value) { at[name] = value; return true; },
    deleteProperty(at, name) { return delete at[name]; },
    defineProperty(at, name, what) { return Reflect.defineProperty(at, name, what); },
    ownKeys(at) { return Reflect.ownKeys(at); },
  });
})();
";

/// Wraps `os.environ`. A name counts as for Node.
const PYTHON: &str = r"
def _xii_asked():
    import os, sys
    plain = dict(os.environ)
    out, root = plain.get('XII_ASKED_LIST'), plain.get('XII_ASKED_ROOT')
    if not out or not root:
        return
    readers = ('decouple', 'environs', 'environ', 'starlette', 'dotenv', 'prettyconf', 'pydantic_settings')
    told, asked = set(), {}

    def say(line):
        try:
            fd = os.open(out, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
            try:
                os.write(fd, (line + '\n').encode())
            finally:
                os.close(fd)
        except OSError:
            pass

    def own():
        frame = sys._getframe(2)
        for _ in range(30):
            frame = frame.f_back
            if frame is None:
                return False
            name = frame.f_code.co_filename
            if name.startswith('<frozen') or name == __file__ or name.endswith(('/os.py', '/_collections_abc.py')):
                continue
            if '/site-packages/' in name or '/dist-packages/' in name:
                package = name.replace('/dist-packages/', '/site-packages/').split('/site-packages/')[-1].split('/')[0]
                if package.split('.')[0] in readers:
                    continue
                return False
            return os.path.abspath(name).startswith(root) and '/node_modules/' not in name
        return False

    listed = []

    def look(key):
        if not isinstance(key, str) or key in told:
            return
        # Who goes through all of them asks for none.
        if key in listed:
            del listed[:listed.index(key) + 1]
            return
        times = asked.get(key, 0) + 1
        if times > 40:
            return
        asked[key] = times
        if own():
            told.add(key)
            say(key)

    kind = type(os.environ)
    get, has, each = kind.__getitem__, kind.__contains__, kind.__iter__

    def __getitem__(self, key):
        look(key)
        return get(self, key)

    def __contains__(self, key):
        look(key)
        return has(self, key)

    def __iter__(self):
        listed.clear()
        for key in each(self):
            listed.append(key)
            yield key

    kind.__getitem__ = __getitem__
    kind.__contains__ = __contains__
    kind.__iter__ = __iter__
    say('#python')


try:
    _xii_asked()
except Exception:
    pass
";

/// What watches the variables of one run.
#[derive(Debug)]
pub struct Observer {
    list: PathBuf,
    /// How the instance is to be started.
    pub setup: Setup,
}

/// Prepares a run of web whose variables are watched; nothing for a language that does not let us see.
///
/// # Errors
/// When a file cannot be written in the scratch folder.
pub fn observer(
    stage: &Stage,
    folder: &Path,
    variables: &[(String, String)],
    scratch: &Path,
) -> io::Result<Option<Observer>> {
    let app = stage.app();
    let (node, python) = (app.is_node(), app.is_python());
    if !node && !python {
        return Ok(None);
    }
    let place = scratch.join("asked");
    fs::create_dir_all(&place)?;
    let list = place.join("list");
    fs::write(&list, "")?;
    let root = fs::canonicalize(folder)?;
    let mut setup = Setup::web()
        .in_folder(folder)
        .with("XII_ASKED_LIST", list.display().to_string())
        .with("XII_ASKED_ROOT", format!("{}/", root.display()));
    let of = |name: &str| {
        let given = stage.given(name).map(|one| one.value.clone());
        given.or_else(|| {
            variables
                .iter()
                .find(|(known, _)| known == name)
                .map(|(_, value)| value.clone())
        })
    };
    if node {
        let file = place.join("asked.cjs");
        fs::write(&file, NODE)?;
        let before = of("NODE_OPTIONS").map_or(String::new(), |one| format!(" {one}"));
        setup = setup.with(
            "NODE_OPTIONS",
            format!("--require={}{before}", file.display()),
        );
    }
    if python {
        fs::write(place.join("sitecustomize.py"), PYTHON)?;
        let before = of("PYTHONPATH").map_or(String::new(), |one| format!(":{one}"));
        setup = setup.with("PYTHONPATH", format!("{}{before}", place.display()));
    }
    Ok(Some(Observer { list, setup }))
}

impl Observer {
    /// The names that the app's code has asked for so far; nothing when the code that watches was not loaded.
    pub fn names(&self) -> Option<BTreeSet<String>> {
        if fs::metadata(&self.list).ok()?.len() > LARGEST {
            return None;
        }
        let text = fs::read_to_string(&self.list).ok()?;
        let mut names: BTreeSet<String> = text.lines().map(str::to_owned).collect();
        let loaded = names.remove("#node") | names.remove("#python");
        names.retain(|one| {
            !one.is_empty()
                && one.len() < 128
                && one
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        });
        loaded.then_some(names)
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    /// Which names count that a Python program of the app's asks for.
    fn asked(program: &str) -> BTreeSet<String> {
        let scratch = tempfile::tempdir().expect("a folder");
        let (app, list) = (scratch.path().join("app"), scratch.path().join("list"));
        fs::create_dir(&app).expect("a folder");
        fs::write(app.join("main.py"), program).expect("a file");
        fs::write(scratch.path().join("sitecustomize.py"), PYTHON).expect("a file");
        let ran = Command::new("python3")
            .arg(app.join("main.py"))
            .env("PYTHONPATH", scratch.path())
            .env("XII_ASKED_LIST", &list)
            .env("XII_ASKED_ROOT", &app)
            .env("NEVER_ASKED", "1")
            .status()
            .expect("python3 runs");
        assert!(ran.success());
        let text = fs::read_to_string(list).expect("it was written");
        text.lines()
            .filter(|line| !line.starts_with('#'))
            .map(str::to_owned)
            .collect()
    }

    #[test]
    fn who_asks_for_a_variable_is_told_from_who_copies_all() {
        let names = asked(
            "import os\n\
             a, b = dict(os.environ), os.environ.copy()\n\
             c = {key: value for key, value in os.environ.items()}\n\
             d = [os.environ[key] for key in os.environ]\n\
             os.environ.get('A'), os.getenv('B'), 'C' in os.environ\n",
        );
        assert_eq!(names, ["A", "B", "C"].map(str::to_owned).into());
    }
}
