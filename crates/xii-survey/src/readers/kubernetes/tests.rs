use proptest::prelude::*;

use super::{HELM_VALUES, KUSTOMIZE, MANIFEST};
use crate::readers::read_text;

const SHOP: &str = r#"
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  replicas: 2
  template:
    metadata:
      annotations:
        prometheus.io/scrape: "true"
    spec:
      automountServiceAccountToken: false
      terminationGracePeriodSeconds: 60
      securityContext: {runAsNonRoot: true, runAsUser: 1000}
      initContainers:
        - name: migrate
          image: ghcr.io/acme/shop:1.4.2
          command: [sh, -c, "python manage.py migrate && true"]
      containers:
        - name: web
          image: ghcr.io/acme/shop:1.4.2
          args: ["gunicorn", "shop.wsgi"]
          env:
            - {name: PORT, value: "8000"}
            - name: API_TOKEN
              value: 7f3a9c1e5b8d2f4a6c0e
            - name: DATABASE_URL
              valueFrom: {secretKeyRef: {name: shop, key: url}}
            - name: POD
              valueFrom: {fieldRef: {fieldPath: metadata.name}}
          envFrom: [{configMapRef: {name: shop-config}}]
          ports: [{containerPort: 8000}]
          livenessProbe: {httpGet: {path: /live, port: 8000}}
          readinessProbe: {httpGet: {path: /ready, port: 8000}}
          lifecycle: {preStop: {exec: {command: [sleep, "5"]}}}
          resources: {requests: {cpu: 100m, memory: 64Mi}, limits: {memory: 128Mi}}
          securityContext:
            readOnlyRootFilesystem: true
            capabilities: {drop: [ALL], add: [NET_ADMIN]}
      volumes:
        - name: data
          persistentVolumeClaim: {claimName: shop-data}
        - name: docker
          hostPath: {path: /var/run}
---
apiVersion: v1
kind: List
items:
  - apiVersion: v1
    kind: Service
    metadata: {name: shop}
    spec: {sessionAffinity: ClientIP}
  - apiVersion: v1
    kind: Secret
    metadata: {name: shop}
    data: {url: cG9zdGdyZXM6Ly9hcHA6aHVudGVyMkBkYi94, EMPTY: ""}
    stringData: {PASSWORD: hunter2hunter2}
  - apiVersion: v1
    kind: ConfigMap
    metadata: {name: shop-config}
    data: {LOG_LEVEL: info, app.ini: "x"}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  template:
    spec:
      containers: [{name: db, image: "postgres:16.1", env: [{name: POSTGRES_PASSWORD, value: postgres}]}]
  volumeClaimTemplates: [{metadata: {name: data}}]
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: clean}
spec:
  schedule: "0 3 * * *"
  concurrencyPolicy: Forbid
  jobTemplate: {spec: {template: {spec: {containers: [{name: clean, image: acme/shop, command: [python, clean.py]}]}}}}
---
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata: {name: shop}
spec: {endpoints: [{port: http, path: /metrics/prometheus}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: shop
  annotations: {nginx.ingress.kubernetes.io/affinity: cookie}
spec: {tls: [{hosts: [shop.example]}]}
"#;

#[test]
fn manifests_tell_workloads_config_resources_and_metrics() {
    let facts = read_text(&MANIFEST, "deploy/shop.yaml", SHOP);
    insta::assert_debug_snapshot!(facts.lines());
    let all = format!(
        "{:?} {:?}",
        facts.lines(),
        facts
            .secrets
            .iter()
            .map(|one| &one.at.excerpt)
            .collect::<Vec<_>>()
    );
    assert!(!all.contains("hunter2") && !all.contains("7f3a9c"), "{all}");
}

#[test]
fn helm_templates_are_read_as_far_as_they_parse() {
    let text = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {{ include \"shop.name\" . }}\n  labels:\n    {{- include \"shop.labels\" . | nindent 4 }}\nspec:\n  {{- if not .Values.autoscaling.enabled }}\n  replicas: {{ .Values.replicaCount }}\n  {{- end }}\n  template:\n    spec:\n      containers:\n        - name: {{ .Chart.Name }}\n          image: \"{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}\"\n          readinessProbe:\n            httpGet: {path: /ready, port: http}\n          resources:\n            {{- toYaml .Values.resources | nindent 12 }}\n";
    let facts = read_text(&MANIFEST, "chart/templates/deployment.yaml", text);
    insta::assert_debug_snapshot!(facts.lines());
}

#[test]
fn overlays_and_values_are_read() {
    let facts = read_text(
        &KUSTOMIZE,
        "overlays/production/kustomization.yaml",
        "resources: [../../base]\nimages:\n  - {name: acme/shop, newTag: 1.4.2}\nconfigMapGenerator:\n  - name: shop\n    literals: [LOG_LEVEL=info]\nsecretGenerator:\n  - name: shop\n    literals: [API_TOKEN=7f3a9c1e5b8d2f4a6c0e]\n",
    );
    insta::assert_debug_snapshot!(facts.lines());
    let facts = read_text(
        &HELM_VALUES,
        "chart/values-prod.yaml",
        "image: {repository: acme/shop, tag: 1.4.2}\nenv:\n  LOG_LEVEL: info\nextraEnv:\n  - name: MODE\n    value: fast\npostgresql:\n  enabled: true\n  image: {tag: 15.4.0-debian}\n  auth: {password: hunter2hunter2, existingSecret: db-secret}\n",
    );
    insta::assert_debug_snapshot!(facts.lines());
}

#[test]
fn other_yaml_gives_nothing_and_broken_manifests_are_told() {
    assert_eq!(read_text(&MANIFEST, "a.yml", "name: x\nlist: [").count(), 0);
    assert_eq!(
        read_text(&MANIFEST, "a.yml", "apiVersion: 2\nkind: x\n").count(),
        0
    );
    let facts = read_text(
        &MANIFEST,
        "a.yml",
        "apiVersion: v1\nkind: Service\nmetadata: {name: a}\n---\napiVersion: v1\nkind: [\n",
    );
    assert_eq!((facts.kubernetes_objects.len(), facts.unread.len()), (1, 1));
}

proptest! {
    #[test]
    fn any_text_is_read_without_panic(text in any::<String>()) {
        read_text(&MANIFEST, "a.yaml", &format!("apiVersion: v1\nkind: Secret\n{text}"));
        read_text(&KUSTOMIZE, "kustomization.yaml", &text);
        read_text(&HELM_VALUES, "values.yaml", &text);
    }

    #[test]
    fn any_pod_is_read_without_panic(
        text in "(\n      |\n      - |containers|image|env|name|value|: |\\[|\\]|\\{|\\}|,|[a-zé]|\\{\\{ x \\}\\}){0,40}"
    ) {
        read_text(&MANIFEST, "a.yaml", &format!("apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - name: {text}"));
    }
}
