//! How fast lines go from a process to a file, and what each step of the way costs.
//!
//! `cargo bench -p xii-runtime --bench pump`. The whole way is measured beside `cat` to the same file.

use std::fs::File;
use std::io::Write;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use xii_model::{Instance, Stream};
use xii_runtime::log::level::level;
use xii_runtime::log::ndjson::Ndjson;
use xii_runtime::log::pump::{Framer, Mask, Pump, Settings};
use xii_runtime::log::record::{LineHead, Records, push_line};
use xii_runtime::log::render::{self, Renderer};
use xii_runtime::log::terminal::{Terminal, View};

/// Lines of a million-line run of 100 bytes each, line end included.
const LINES: u64 = 1_000_000;
/// Lines of a block that a single step is measured with.
const FEW: u64 = 1_000;

fn text_lines(count: u64) -> Vec<u8> {
    let words = "the quick brown fox jumps over the lazy dog ".repeat(3);
    let mut text = Vec::new();
    for number in 0..count {
        let _ = writeln!(text, "{number:09} {words:.89}");
    }
    assert_eq!(text.len() as u64, 100 * count);
    text
}

fn json_lines(count: u64) -> Vec<u8> {
    let mut text = Vec::new();
    for number in 0..count {
        let _ = writeln!(
            text,
            r#"{{"level":30,"time":1700000000000,"pid":7,"msg":"request done","path":"/items/{number:06}","ms":3.142}}"#
        );
    }
    text
}

fn block(text: &[u8]) -> Vec<u8> {
    let mut block = Vec::new();
    for line in text.split(|byte| *byte == b'\n') {
        let head = LineHead {
            source: "web.1",
            release: "v7",
            stream: Stream::Stdout,
            continues: false,
            unterminated: false,
            level: level(line),
        };
        push_line(&mut block, 1_700_000_000_000_000_000, head, line);
    }
    block
}

fn steps(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("step");
    group.throughput(Throughput::Elements(FEW));
    let kinds = [("text", text_lines(FEW)), ("json", json_lines(FEW))];
    for (kind, text) in &kinds {
        group.bench_function(format!("frame/{kind}"), |bencher| {
            let mut framer = Framer::default();
            bencher.iter(|| {
                let mut bytes = 0;
                framer.push(text, &|bytes: &[u8]| bytes.len(), |piece| {
                    bytes += piece.bytes.len()
                });
                bytes
            });
        });
        group.bench_function(format!("level/{kind}"), |bencher| {
            bencher.iter(|| text.split(|byte| *byte == b'\n').filter_map(level).count());
        });
        group.bench_function(format!("frame, level, encode/{kind}"), |bencher| {
            let mut framer = Framer::default();
            let mut block = Vec::new();
            bencher.iter(|| {
                block.clear();
                framer.push(text, &|bytes: &[u8]| bytes.len(), |piece| {
                    let head = LineHead {
                        source: "web.1",
                        release: "v7",
                        stream: Stream::Stdout,
                        continues: piece.continues,
                        unterminated: false,
                        level: level(piece.bytes),
                    };
                    push_line(&mut block, 1_700_000_000_000_000_000, head, piece.bytes);
                });
                block.len()
            });
        });
        let secrets = [
            "postgres://u:hunter2hunter2@db/app".to_owned(),
            "sk_live_0123456789".to_owned(),
        ];
        let mask = Mask::new(&secrets).expect("values to mask");
        group.bench_function(format!("look for secrets/{kind}"), |bencher| {
            bencher.iter(|| mask.finds(text));
        });
        let block = block(text);
        let settings = |color, width| render::Settings {
            color,
            width,
            names: Vec::new(),
        };
        let views: [(&str, Box<dyn View>); 3] = [
            ("plain", Box::new(Renderer::new(settings(false, None)))),
            ("colour", Box::new(Renderer::new(settings(true, Some(80))))),
            ("ndjson", Box::new(Ndjson::default())),
        ];
        for (name, mut view) in views {
            group.bench_function(format!("render {name}/{kind}"), |bencher| {
                let mut shown = Vec::new();
                bencher.iter(|| {
                    shown.clear();
                    for record in Records::of(&block) {
                        view.record(&record, &mut shown);
                    }
                    shown.len()
                });
            });
        }
    }
    group.finish();
}

/// Brings the file through a pump to another file, as `xii up >file` does.
fn through_pump(from: &Path, to: &Path) {
    let out = OwnedFd::from(File::create(to).expect("a file"));
    let terminal = Terminal::start(out, Renderer::new(render::Settings::default()));
    let pump = Pump::start(Settings {
        sinks: vec![Box::new(terminal.expect("a thread"))],
        secrets: Vec::new(),
    })
    .expect("a pump");
    let handle = pump.handle();
    let (reader, writer) = std::io::pipe().expect("a pipe");
    handle.attach(reader.into(), Instance::new("web", 1), Stream::Stdout, None);
    let status = Command::new("cat").arg(from).stdout(writer).status();
    assert!(status.expect("cat").success());
    let dropped = pump.finish(Duration::from_secs(60));
    assert_eq!(dropped[0].1, 0);
}

fn whole(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut group = criterion.benchmark_group("a million lines");
    group
        .throughput(Throughput::Elements(LINES))
        .sample_size(10);
    let to = folder.path().join("to");
    for (kind, text) in [("text", text_lines(LINES)), ("json", json_lines(LINES))] {
        let from = folder.path().join(kind);
        std::fs::write(&from, text).expect("a file");
        group.bench_function(format!("cat alone/{kind}"), |bencher| {
            bencher.iter(|| {
                let out = File::create(&to).expect("a file");
                Command::new("cat")
                    .arg(&from)
                    .stdout(out)
                    .status()
                    .expect("cat")
            });
        });
        group.bench_function(format!("pump and terminal to a file/{kind}"), |bencher| {
            bencher.iter(|| through_pump(&from, &to));
        });
    }
    group.finish();
}

criterion_group!(benches, steps, whole);
criterion_main!(benches);
