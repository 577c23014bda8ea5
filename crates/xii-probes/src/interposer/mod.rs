//! What stands between an app and a resource: it relays, counts, and interferes when told to.
