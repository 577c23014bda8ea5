//! Facts of authentication, authorization and transport.

/// A request's identity is checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthCheck {
    /// What checks: `passport`, `express-jwt`, `login_required`, `Depends(get_current_user)`, `IsAuthenticated`.
    pub through: String,
    /// Whether roles, permissions or scopes are checked, not only who asks.
    pub roles: bool,
}

/// A token is verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenVerification {
    /// The library: `jsonwebtoken`, `jose`, `pyjwt`, `python-jose`.
    pub through: String,
    /// What is wrong with it, if anything is.
    pub fault: Option<TokenFault>,
    /// Whether the accepted algorithms are listed.
    pub algorithms: bool,
    /// Whether the audience or issuer is checked.
    pub audience: bool,
}

/// What is wrong with a token's verification (RFC 8725).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenFault {
    /// The signature is not verified: `verify=False`, `jwt.decode` in Node.
    NotVerified,
    /// `none` is accepted.
    NoneAccepted,
    /// Expiry is ignored.
    ExpiryIgnored,
    /// The key is written in the code.
    LiteralKey,
}

/// A cookie's flags.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CookieFlags {
    /// The cookie or the setting: `session`, `SESSION_COOKIE_SECURE`.
    pub name: String,
    /// `Secure`; `None` when not given.
    pub secure: Option<bool>,
    /// `HttpOnly`; `None` when not given.
    pub http_only: Option<bool>,
    /// What sets it.
    pub through: String,
}

/// A rule for other origins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CorsRule {
    /// Any origin is allowed.
    pub any_origin: bool,
    /// The request's own origin is echoed.
    pub reflects_origin: bool,
    /// Credentials are allowed.
    pub credentials: bool,
    /// What sets it.
    pub through: String,
}

/// Headers or redirects that protect traffic: HSTS, helmet, SECURE_SSL_REDIRECT, Talisman.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransportProtection {
    /// What: `hsts`, `https redirect`, `security headers`, `tls`.
    pub what: &'static str,
    /// Whether it is on.
    pub on: bool,
    /// What sets it.
    pub through: String,
}

/// A client's check of the server's certificate is off: `rejectUnauthorized: false`, `verify=False`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateCheckOff {
    /// What sets it.
    pub through: String,
}

/// A credential is read from a file whose place config names, as platforms hand out workload identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityFile {
    /// The variable that names the place, if one does.
    pub variable: Option<String>,
    /// The path, if it is a literal: `/var/run/secrets/…`.
    pub path: Option<String>,
    /// Whether it is read once at start instead of once a use.
    pub read_once: bool,
}

/// The app connects with an identity that the platform hands out, or with a long-lived key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkloadIdentity {
    /// What: `irsa`, `workload identity federation`, `google default credentials`, `oidc`, `access key`.
    pub what: String,
    /// Whether the credential is short-lived.
    pub short_lived: bool,
}
