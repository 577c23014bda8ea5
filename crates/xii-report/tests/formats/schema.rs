//! The JSON document against docs/report.schema.json.
//!
//! The validator below knows the keywords that the schema uses and refuses any other, so that no part
//! of the schema is passed over in silence.

use serde_json::Value;
use xii_report::{Format, Look, render};

use crate::{hostile, sample, sample_apps, sample_proved};

const SCHEMA: &str = include_str!("../../../../docs/report.schema.json");

/// What is wrong with a value, each with its place.
fn faults(value: &Value, schema: &Value, root: &Value, at: &str, found: &mut Vec<String>) {
    for (keyword, wanted) in schema.as_object().expect("a schema is an object") {
        let right = match keyword.as_str() {
            "$schema" | "$defs" | "title" | "description" => true,
            "$ref" => {
                let name = wanted.as_str().unwrap().strip_prefix('#').unwrap();
                faults(value, root.pointer(name).unwrap(), root, at, found);
                true
            }
            "type" => match wanted {
                Value::Array(kinds) => kinds.iter().any(|kind| is(value, kind)),
                kind => is(value, kind),
            },
            "const" => value == wanted,
            "enum" => wanted.as_array().unwrap().contains(value),
            "minimum" => value
                .as_i64()
                .is_none_or(|value| value >= wanted.as_i64().unwrap()),
            "maximum" => value
                .as_i64()
                .is_none_or(|value| value <= wanted.as_i64().unwrap()),
            "items" => {
                for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                    faults(item, wanted, root, &format!("{at}/{index}"), found);
                }
                true
            }
            "required" => value.as_object().is_none_or(|object| {
                let mut names = wanted.as_array().unwrap().iter();
                names.all(|name| object.contains_key(name.as_str().unwrap()))
            }),
            "properties" => {
                for (name, schema) in wanted.as_object().unwrap() {
                    if let Some(value) = value.get(name) {
                        faults(value, schema, root, &format!("{at}/{name}"), found);
                    }
                }
                true
            }
            "additionalProperties" => {
                assert_eq!(wanted, &Value::Bool(false));
                let known = &schema["properties"];
                value
                    .as_object()
                    .is_none_or(|object| object.keys().all(|name| known.get(name).is_some()))
            }
            other => panic!("the validator does not know `{other}`"),
        };
        if !right {
            found.push(format!("{at}: {keyword}"));
        }
    }
}

fn is(value: &Value, kind: &Value) -> bool {
    match kind.as_str().unwrap() {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "null" => value.is_null(),
        other => panic!("the validator does not know the type `{other}`"),
    }
}

fn check(document: &Value) -> Vec<String> {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let mut found = Vec::new();
    faults(document, &schema, &schema, "", &mut found);
    found
}

fn document(report: &xii_model::Report) -> Value {
    serde_json::from_str(&render(report, Format::Json, &Look::default())).unwrap()
}

#[test]
fn every_report_keeps_to_the_schema() {
    for report in [
        sample_apps::rich(),
        sample::empty(),
        hostile::report(),
        sample_proved::proved(),
        sample_proved::much("x"),
    ] {
        assert_eq!(check(&document(&report)), Vec::<String>::new());
    }
}

#[test]
fn the_schema_refuses_what_is_wrong() {
    let mut wrong = document(&sample_apps::rich());
    wrong["findings"][0]["severity"] = "fatal".into();
    wrong["apps"][0]["score"] = 101.into();
    wrong["apps"][1]["git"]["extra"] = true.into();
    wrong["notices"][0]["line"] = 0.into();
    wrong["findings"][1].as_object_mut().unwrap().remove("rule");
    let mut found = check(&wrong);
    found.sort();
    assert_eq!(
        found,
        [
            "/apps/0/score: maximum",
            "/apps/1/git: additionalProperties",
            "/findings/0/severity: enum",
            "/findings/1: required",
            "/notices/0/line: minimum",
        ]
    );
}

#[test]
fn sarif_has_what_its_readers_need() {
    let text = render(&sample_apps::rich(), Format::Sarif, &Look::default());
    let log: Value = serde_json::from_str(&text).unwrap();
    let run = &log["runs"][0];
    assert_eq!(log["version"], "2.1.0");
    assert_eq!(run["invocations"][0]["executionSuccessful"], true);
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), sample_apps::rich().findings.len());
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert!(result["partialFingerprints"]["xii/v1"].is_string());
        let place = &result["locations"][0]["physicalLocation"];
        assert!(place["region"]["startLine"].as_u64().unwrap() > 0);
    }
    let kinds: Vec<&str> = results
        .iter()
        .filter_map(|result| result["suppressions"][0]["kind"].as_str())
        .collect();
    assert_eq!(kinds, ["inSource", "external", "external"]);
    assert!(run["invocations"][0]["toolExecutionNotifications"].is_null());
    for rule in rules {
        assert!(rule["help"]["text"].is_string() && rule["properties"]["precision"].is_string());
    }
}

#[test]
fn sarif_shows_a_transcript_as_a_flow() {
    let report = sample_proved::proved();
    let text = render(&report, Format::Sarif, &Look::default());
    let log: Value = serde_json::from_str(&text).unwrap();
    let run = &log["runs"][0];
    assert_eq!(run["automationDetails"]["id"], "xii/prove/fifteen/");
    let ran = &run["invocations"][0]["toolExecutionNotifications"];
    assert_eq!(ran.as_array().unwrap().len(), 3);
    let flows: Vec<(&str, usize)> = run["results"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|result| !result["codeFlows"].is_null())
        .map(|result| {
            let steps = result["codeFlows"][0]["threadFlows"][0]["locations"].as_array();
            for step in steps.unwrap() {
                let place = &step["location"]["physicalLocation"];
                assert_eq!(place, &result["locations"][0]["physicalLocation"]);
                assert!(step["location"]["message"]["text"].is_string());
            }
            (result["ruleId"].as_str().unwrap(), steps.unwrap().len())
        })
        .collect();
    let expected = [
        ("resource-cut", 5),
        ("session-moves", 4),
        ("listens-on-port", 6),
        ("signal-reaches", 4),
        ("task-twice", 1),
        ("metrics-scrape", 1),
    ];
    assert_eq!(flows, expected);
}
