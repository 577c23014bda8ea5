//! XV Authentication and authorization.

use super::catalogue::LATER;
use crate::{Criterion, Factor};

pub(super) const CRITERIA: &[Criterion] = &[
    Criterion {
        id: "XV.1",
        factor: Factor::XV,
        title: "refuses the unauthenticated",
        statement: "Protected operations refuse the unauthenticated.",
        why: "One forgotten route is enough: scanners find it within hours. A check at the gateway \
             alone fails as soon as something inside the network calls the app directly.",
        how: "Require authentication for all routes by default and list the public ones. Answer 401 \
             with a `WWW-Authenticate` header, and mark the protected operations in the contract.",
        source: "Hoffman, Beyond the Twelve-Factor App (O'Reilly, 2016), Authentication and \
             Authorization: \
             https://www.oreilly.com/library/view/beyond-the-twelve-factor/9781492042631/; RFC 9110, \
             15.5.2 401 Unauthorized: https://www.rfc-editor.org/rfc/rfc9110#section-15.5.2",
        profiles: LATER,
        from_code: Some("security in the contract; authentication middleware"),
        from_run: Some("401 without a token on each operation that the contract protects"),
    },
    Criterion {
        id: "XV.2",
        factor: Factor::XV,
        title: "refuses bad tokens",
        statement: "Forged, expired, unsigned and wrong-audience tokens are refused.",
        why: "A token library that is told to skip a check accepts what anyone can write. A token \
             issued for another service, or one that expired last year, then opens this one.",
        how: "Verify signature, issuer, audience and expiry with an algorithm list of your own, \
             never the one in the token. Take keys from the issuer's JWKS and cache them; never \
             disable verification for tests in code that ships.",
        source: "RFC 8725, JSON Web Token Best Current Practices: \
             https://www.rfc-editor.org/rfc/rfc8725",
        profiles: LATER,
        from_code: Some("verification switched off, `alg: none`, key literals"),
        from_run: Some("each kind of bad token is tried"),
    },
    Criterion {
        id: "XV.3",
        factor: Factor::XV,
        title: "enforces its roles",
        statement: "Roles are enforced.",
        why: "To know who asks is not to know what they may do. Without a check by role and by \
             owner, any user who changes an id in the address reads other people's records.",
        how: "Check permissions on the server for each operation, and ownership for each object. \
             Deny by default, answer 403, and test with a user who lacks the role.",
        source: "OWASP API Security Top 10 (2023), API1 and API5: \
             https://owasp.org/API-Security/editions/2023/en/0x11-t10/; RFC 9110, 15.5.4 403 \
             Forbidden: https://www.rfc-editor.org/rfc/rfc9110#section-15.5.4",
        profiles: LATER,
        from_code: Some("role or permission checks"),
        from_run: Some("403 for a token that lacks the role"),
    },
    Criterion {
        id: "XV.4",
        factor: Factor::XV,
        title: "uses a short-lived workload identity",
        statement: "The app connects with a short-lived workload identity where the platform offers \
             one.",
        why: "A long-lived key is copied into variables, laptops and pipelines, and works for \
             whoever finds it until someone notices. Rotating it means finding every copy.",
        how: "Let the platform prove who the process is: projected service account tokens, cloud \
             workload identity, SPIFFE. Let client libraries fetch and renew credentials from it, and \
             keep static keys only where the other side knows nothing else.",
        source: "The Twelve-Factor App, maintainers' draft, Identity (content/identity.md): \
             https://github.com/twelve-factor/twelve-factor; SPIFFE: \
             https://spiffe.io/docs/latest/spiffe-about/overview/",
        profiles: LATER,
        from_code: Some("long-lived keys among the config"),
        from_run: Some(
            "an identity is issued, rotated and accepted, and the old one is refused after its \
             time",
        ),
    },
    Criterion {
        id: "XV.5",
        factor: Factor::XV,
        title: "runs without privilege",
        statement: "It runs without privilege.",
        why: "A fault in an app that runs as root gives the intruder root in the container, and with \
             added capabilities often the host. Clusters that enforce the restricted policy refuse to \
             start it.",
        how: "Set a numeric `USER` in the image and `runAsNonRoot`, `allowPrivilegeEscalation: \
             false`, dropped capabilities and a read-only root file system in the manifest. Listen on \
             a port above 1023.",
        source: "Kubernetes, Pod Security Standards, Restricted: \
             https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted",
        profiles: LATER,
        from_code: Some(
            "images that run as root, privileged pods, added capabilities, a writable root",
        ),
        from_run: Some("the user id of the process"),
    },
    Criterion {
        id: "XV.6",
        factor: Factor::XV,
        title: "protects its traffic",
        statement: "Traffic is protected.",
        why: "A session cookie without `Secure` travels in the clear once, and that is enough to \
             take it over. CORS that echoes any origin with credentials lets every site act as the \
             user.",
        how: "End TLS at the platform's edge and send HSTS. Set `Secure`, `HttpOnly` and `SameSite` \
             on cookies, allow CORS origins from a list in config, and trust `X-Forwarded-Proto` only \
             from the known proxy.",
        source: "RFC 6797, HTTP Strict Transport Security: https://www.rfc-editor.org/rfc/rfc6797; \
             OWASP Session Management Cheat Sheet: \
             https://cheatsheetseries.owasp.org/cheatsheets/Session_Management_Cheat_Sheet.html",
        profiles: LATER,
        from_code: Some(
            "TLS termination, HSTS, secure cookies, CORS that does not join `*` with credentials",
        ),
        from_run: Some("response headers and cookie flags"),
    },
];
