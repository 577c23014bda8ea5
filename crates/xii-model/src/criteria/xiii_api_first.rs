//! XIII API first.

use super::catalogue::LATER;
use crate::{Criterion, Factor};

pub(super) const CRITERIA: &[Criterion] = &[
    Criterion {
        id: "XIII.1",
        factor: Factor::XIII,
        title: "has a machine-readable contract",
        statement: "The API has a machine-readable contract.",
        why: "Without a contract, each client learns the API by trial and from old mail, and depends \
             on accidents. Teams cannot work in parallel, and nothing can be checked.",
        how: "Describe the API in OpenAPI, AsyncAPI, GraphQL SDL or protobuf, and keep the file in \
             the repository. Serve it at a known path such as `/openapi.json`.",
        source: "Hoffman, Beyond the Twelve-Factor App (O'Reilly, 2016), API First: \
             https://www.oreilly.com/library/view/beyond-the-twelve-factor/9781492042631/; OpenAPI \
             3.1: https://spec.openapis.org/oas/v3.1.0",
        profiles: LATER,
        from_code: Some("an OpenAPI or AsyncAPI document, GraphQL SDL or protobuf"),
        from_run: Some("the contract is served at a well-known path"),
    },
    Criterion {
        id: "XIII.2",
        factor: Factor::XIII,
        title: "has a valid, versioned contract",
        statement: "The contract is valid and versioned.",
        why: "A contract that does not parse generates no client and no test. One without a version \
             gives clients no warning: the change that breaks them looks like any other deploy.",
        how: "Lint the document in CI and compare it with the released one, so that a breaking \
             change is refused or gets a new version. Put the version into the path, a header or the \
             package name.",
        source: "OpenAPI 3.1, Info Object: https://spec.openapis.org/oas/v3.1.0#info-object; \
             Semantic Versioning 2.0.0: https://semver.org/",
        profiles: LATER,
        from_code: Some("the contract parsed and validated; a version in path, header or package"),
        from_run: None,
    },
    Criterion {
        id: "XIII.3",
        factor: Factor::XIII,
        title: "keeps to its contract",
        statement: "What runs keeps to the contract.",
        why: "A contract that the server breaks is worse than none, as clients are generated from it \
             and believe it. The first to notice is somebody else's production.",
        how: "Generate the contract from the code or the code from the contract, never both by hand. \
             Test the responses against it in CI, and validate requests at the edge of the app.",
        source: "OpenAPI 3.1, Responses Object: \
             https://spec.openapis.org/oas/v3.1.0#responses-object",
        profiles: LATER,
        from_code: None,
        from_run: Some("the responses of every safe operation are validated against the contract"),
    },
    Criterion {
        id: "XIII.4",
        factor: Factor::XIII,
        title: "documents the shape of its errors",
        statement: "Errors have a documented shape.",
        why: "If each route fails in its own way (text, HTML or a stack trace), clients can neither \
             tell what went wrong nor whether to try again. Leaked traces also teach an attacker.",
        how: "Answer every error as `application/problem+json` with type, title, status and detail, \
             or in one shape of your own that the contract describes. Map unexpected exceptions to it \
             in one place.",
        source: "RFC 9457, Problem Details for HTTP APIs: https://www.rfc-editor.org/rfc/rfc9457",
        profiles: LATER,
        from_code: Some("`application/problem+json`, or a schema for errors in the contract"),
        from_run: Some("the 4xx and 5xx responses seen match it"),
    },
];
