use std::time::Instant;

use proptest::prelude::*;

use super::without_templates;
use crate::document::{Node, yaml};

/// What is left, read as one YAML document.
fn read(text: &str) -> Node {
    let blanked = without_templates(text);
    assert_eq!(blanked.len(), text.len());
    let (mut documents, error) = yaml(&blanked);
    assert_eq!(error, None, "{blanked}");
    assert_eq!(documents.len(), 1);
    documents.remove(0)
}

const DEPLOYMENT: &str = r#"{{- $name := include "app.fullname" . -}}
{{- /* braces in a comment: }} do
not end it */ -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "app.fullname" . }}-web
  labels: {{- include "app.labels" . | nindent 4 }}
    tier: web
spec:
  {{- if not .Values.autoscaling.enabled }}
  replicas: {{ .Values.replicaCount }}
  {{- end }}
  template:
    metadata:
      annotations:
        checksum/config: {{ include (print $.Template.BasePath "/config.yaml") . | sha256sum }}
        {{- with .Values.podAnnotations }}
        {{- toYaml . | nindent 8 }} # extra
        {{- end }}
    spec:
      containers:
        - name: {{ .Chart.Name }}
          image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"
          ports:
            - containerPort: {{ .Values.port | default "80}}80" }}
          env:
            {{- range $key, $value := .Values.env }}
            - name: {{ $key }}
              value: {{ $value | quote }}
            {{- end }}
            - name: LOG_LEVEL
              value: {{ if .Values.debug }}debug{{ else }}info{{ end }}
            - {name: {{ .a }}, value: {{ .b }}}
          args: [{{ .Values.a }}, "--x={{ .Values.b }}"]
          {{ .Values.key }}: é
"#;

#[test]
fn a_deployment_of_a_chart_is_yaml_afterwards() {
    let node = read(DEPLOYMENT);
    assert_eq!(node.get("kind").unwrap().as_str(), Some("Deployment"));
    let spec = node.get("spec").unwrap();
    let replicas = spec.get("replicas").unwrap();
    assert_eq!(
        &DEPLOYMENT[replicas.span.clone()],
        "{{ .Values.replicaCount }}"
    );
    let name = node.at(&["metadata", "name"]).unwrap();
    assert_eq!(
        &DEPLOYMENT[name.span.clone()],
        "{{ include \"app.fullname\" . }}-web"
    );
    assert!(name.as_str().unwrap().ends_with("__-web"));
    let tier = node.at(&["metadata", "labels", "tier"]).unwrap();
    assert_eq!(tier.as_str(), Some("web"));
    let container = &spec
        .at(&["template", "spec", "containers"])
        .unwrap()
        .items()[0];
    let image = container.get("image").unwrap();
    assert_eq!(
        &DEPLOYMENT[image.span.clone()],
        "\"{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}\""
    );
    let port = container.get("ports").unwrap().items()[0]
        .get("containerPort")
        .unwrap();
    assert_eq!(
        &DEPLOYMENT[port.span.clone()],
        "{{ .Values.port | default \"80}}80\" }}"
    );
    let env = container.get("env").unwrap().items();
    assert_eq!(env.len(), 3);
    assert_eq!(env[1].get("name").unwrap().as_str(), Some("LOG_LEVEL"));
    assert!(
        env[1]
            .get("value")
            .unwrap()
            .as_str()
            .unwrap()
            .starts_with("debug")
    );
    assert_eq!(env[2].get("name").unwrap().as_str(), Some("________"));
    assert_eq!(container.get("args").unwrap().items().len(), 2);
    let last = container.entries().last().unwrap();
    assert_eq!(&DEPLOYMENT[last.key_span.clone()], "{{ .Values.key }}");
}

#[test]
fn what_prints_a_scalar_is_filled_and_the_rest_is_blank() {
    let cases = [
        ("a: {{ .x }}", "a: ________"),
        ("a: {{- .x -}} b", "a: __________ b"),
        ("{{ .x }}", "        "),
        ("  {{ if x }}{{ y }} # c", "                    # c"),
        ("a: {{ if x }}b", "a:           b"),
        ("a: {{ $x := 1 }}b", "a:              b"),
        ("a: {{ $x }}b", "a: ________b"),
        ("a: {{ toYaml .x }}", "a:                "),
        ("a: {{ ifx }}", "a: _________"),
        (
            "a: {{ tpl `\n}}` . }}\r\nb: 1",
            "a: ________\n        \r\nb: 1",
        ),
        ("{{/* é\r\n*/}}\na: 1", "       \r\n    \na: 1"),
        ("a: ${{ b }}", "a: $_______"),
        ("a: {{ \"b }}", "a: ________"),
        ("a: {{ b", "a: {{ b"),
        ("a: {{ b }}\nc: {{ d", "a: _______\nc: {{ d"),
        ("a: {{}}", "a:     "),
    ];
    for (text, blanked) in cases {
        assert_eq!(without_templates(text), blanked, "{text}");
    }
}

#[test]
fn actions_that_are_never_closed_cost_no_more_than_their_length() {
    let units = [
        "{{",
        "{{ `",
        "{{ /*",
        "{{ \"",
        "a: {{ ` }}",
        "{{ /* }}",
        "{{ \" }}",
        "{{ x }}",
        "{{\n",
        "}}",
    ];
    for unit in units {
        let text = unit.repeat(200_000) + " */ ` \"\n";
        let started = Instant::now();
        assert_eq!(without_templates(&text).len(), text.len());
        assert!(started.elapsed().as_secs() < 10, "{unit}");
    }
}

proptest! {
    #[test]
    fn length_and_line_ends_stay(text in "(?s:.|[{}\"'`/* \\n\\r-]|\\{\\{|\\}\\}|if |\\n){0,60}") {
        let blanked = without_templates(&text);
        prop_assert_eq!(blanked.len(), text.len());
        let ends = |text: &str| -> Vec<usize> { text.match_indices('\n').map(|(at, _)| at).collect() };
        prop_assert_eq!(ends(&blanked), ends(&text));
    }
}
