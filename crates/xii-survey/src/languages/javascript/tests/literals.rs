//! Secrets and locators that are written down.

use super::seeing::each;

#[test]
fn secrets_are_told_from_other_texts() {
    let shown = each(&[
        "const jwtSecret = 'kD93ksPq0Zx81mNbv77a'; const config = { db: { password: 'hunter2hunter' } }",
        "const key = process.env.API_SECRET || 'q8Zk29xPw01LmNv5'",
        "const JWT_SECRET = process.env.JWT_SECRET ?? 'changeme'",
        "app.use(session({ secret: 'keyboard cat' }))",
        "const url = 'postgres://app:pa55w0rd9@db.acme.io/main'; const dev = 'postgres://postgres:postgres@localhost/x'",
        "const token = process.env.TOKEN; const label = { password: 'Password', resetPassword: 'reset-password', tokenType: 'bearer', passwordField: 'pw1234' }",
        "const types = { REFRESH_TOKEN: 'refreshToken', password: 'string|min:8', accessToken: 'String!' }",
        "if (config.secret === 'insecure-dev-9x') throw new Error('no'); const secret = 'insecure-dev-9x'",
        "const PLACEHOLDER_SECRETS = { AUTH_SECRET: 'secret_for_auth' } as const; const DEFAULT_SECRETS = { AUTH_SECRET: 'secret_for_auth2' }",
        "import { cleanEnv, str } from 'envalid'; cleanEnv(process.env, { APP_SECRET: str({ default: 'a8dkw93kdlw02' }) })",
        "const passwordToken = '0b5d6c70-8a3b-4f4e-9b1c-2d3e4f5a6b7c'; const clientSecret = '0b5d6c70-8a3b-4f4e-9b1c-2d3e4f5a6b7c'",
        "// const password = 'hunter2hunter'",
    ]);
    insta::assert_snapshot!(shown);
}

#[test]
fn locators_are_told_from_addresses_that_only_identify() {
    let shown = each(&[
        "const apiUrl = 'https://api.acme.io/v1'; const schema = 'https://api.acme.io/v1'; const ns = { url: 'http://www.w3.org/2000/svg' }",
        "mongoose.connect('mongodb://localhost:27017/app')\nimport mongoose from 'mongoose'",
        "const redis = new Redis({ host: 'redis.internal', port: 6379 })\nimport Redis from 'ioredis'",
        "const host = process.env.DB_HOST || 'localhost'; const bucket = { s3Bucket: 'acme-uploads' }",
        "axios.get('https://api.acme.io/users'); fetch(`https://api.acme.io/users/${id}`); fetch(`${base}/x`)\nimport axios from 'axios'",
        "const config = require('config'); const url = config.get('api.url') || 'http://localhost:8000'; const plain = { apiUrl: options.url || 'http://localhost:8001' }; const own = settings.apiUrl ?? 'http://localhost:8002'",
        "const text = 'see https://acme.io'; const hosts = { allowedHost: 'acme.io', hostname: 'name' }",
    ]);
    insta::assert_snapshot!(shown);
}
