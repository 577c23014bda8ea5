//! Config: reads of the environment, checks, branches, exports.

use super::seeing::{each, exports_of};

#[test]
fn variables_are_read_in_all_usual_ways() {
    let shown = each(&[
        "const p = process.env.PORT || 3000;",
        "function given(name) { const path = process.env[name + '_FILE']; if (process.env[name] && path) throw new Error('both'); return path ? read(path) : process.env[name] } const a = given('DB_PASSWORD'); function need(key) { const value = process.env[key]; if (!value) throw new Error(key); return value } const b = need('DB_URL')",
        "const { PORT = 3000, HOST: host } = process.env;",
        "import { env } from 'node:process'; f(env.TOKEN ?? 'dev-token'); g(env['A_B'])",
        "const p = parseInt(process.env.PORT ?? '8080', 10)",
        "const u = process.env.URL ? process.env.URL : 'http://localhost'",
        "const e = process['env']; e.X_Y",
        "import env from 'env-var'; const p = env.get('PORT').required().asPortNumber(); const h = env.get('HOST').default('::').asString();",
        "import { ConfigService } from '@nestjs/config'; class A { constructor(private c: ConfigService) {} run() { this.c.get<string>('DB_URL'); this.c.getOrThrow('API_KEY'); this.c.get('db.url') } }",
        "const must = (name) => { const v = process.env[name]; if (!v) throw new Error(name); return v }; const db = must('DATABASE_URL')",
        "const env = (key, fallback) => process.env[key] || fallback; env('LOG_LEVEL', 'info')",
        "['A_KEY', 'B_KEY'].forEach((k) => { if (!process.env[k]) throw new Error(k) })",
        "const names = ['A_KEY']; const missing = names.filter((n) => !process.env[n]); if (missing.length > 0) process.exit(1)",
        "if (!process.env.SECRET || !process.env.URL_BASE) { throw new Error('no') }",
        "const x = process.env.XA ?? fail(); process.env.YB = '1'; delete process.env.ZC",
        "const v = import.meta.env.VITE_API; import.meta.env.MODE",
        "// process.env.NOT\nconst s = 'process.env.NOT'; const process = {}; function f(process) { return process.env.NOT }",
        "spawn('x', { env: { ...process.env } }); console.log(process.env); const all = { env: process.env }",
        "const v = process.env[`X_${name}`]",
        "const key = process.env.API_KEY || 'abc123secret'",
    ]);
    insta::assert_snapshot!(shown);
}

#[test]
fn schemas_describe_variables() {
    let shown = each(&[
        "import { cleanEnv, port, str } from 'envalid'; export const env = cleanEnv(process.env, { PORT: port({ default: 3000 }), KEY_ID: str() }); use(env.PORT)",
        "import env from '@fastify/env'; const schema = { type: 'object', required: ['MYSQL_HOST', 'MYSQL_PORT'], properties: { MYSQL_HOST: { type: 'string' }, MYSQL_PORT: { type: 'number', default: 3306 }, title: { type: 'string' } } }; export const autoConfig = { schema, data: process.env }; export default env",
        "const Joi = require('joi'); const envVarsSchema = Joi.object().keys({ PORT: Joi.number().default(3000), MONGODB_URL: Joi.string().required().description('x'), OPT: Joi.string() }).unknown();\nconst { value: envVars, error } = envVarsSchema.prefs({}).validate(process.env);\nif (error) { throw new Error(error.message) }\nmodule.exports = { port: envVars.PORT }",
        "import { z } from 'zod'; const Env = z.object({ PORT: z.coerce.number().default(3000), URL: z.string().url(), OPT: z.string().optional() }); export const env = Env.parse(process.env)",
        "import { createEnv } from '@t3-oss/env-nextjs'; import { z } from 'zod'; export const env = createEnv({ server: { DATABASE_URL: z.string().url() }, runtimeEnv: { DATABASE_URL: process.env.DATABASE_URL } })",
        "const convict = require('convict'); const config = convict({ port: { format: 'port', default: 8080, env: 'PORT' }, db: { url: { default: null, env: 'DB_URL' } } })",
        "import { IsString, IsOptional } from 'class-validator'; class EnvironmentVariables { @IsString() DB_HOST: string; @IsOptional() @IsString() DB_NAME: string }\nexport default registerAs('db', () => { validateConfig(process.env, EnvironmentVariables); return { host: process.env.DB_HOST } })",
        "import env from './environment'; import { validate, IsOptional, IsUrl } from 'class-validator'; export class Environment { constructor() { void validate(this).then((errors) => { if (errors.length > 0) process.exit(1) }) }\n@IsUrl() public URL_BASE = env.URL_BASE ?? '';\n@IsOptional() public DATABASE_HOST = this.text(env.DATABASE_HOST) }",
        "import { z } from 'zod'; const Body = z.object({ NAME: z.string() }); Body.parse(req.body)",
    ]);
    insta::assert_snapshot!(shown);
}

#[test]
fn branches_on_the_environment_are_told_by_what_they_choose() {
    let shown = each(&[
        "if (process.env.NODE_ENV === 'production') { app.use(compression()) } else { app.use(errors()) }",
        "const url = process.env.NODE_ENV === 'production' ? 'https://api.acme.io' : 'http://localhost:3000'",
        "const config = require('./config')[process.env.NODE_ENV || 'development']",
        "require('dotenv').config({ path: `.env.${process.env.NODE_ENV}` })",
        "const x = { secure: process.env.NODE_ENV === 'production', level: process.env.NODE_ENV !== 'production' ? 'debug' : 'info' }",
        "switch (process.env.NODE_ENV) { case 'production': host = 'db.prod'; break; case 'staging': host = 'db.stage' }",
        "const isDev = process.env.NODE_ENV !== 'production'; if (isDev) { f(process.env.DEV_ONLY) }",
        "if (config.env === 'test') { run() } if (user.env === 'test') { run() }",
    ]);
    insta::assert_snapshot!(shown);
}

#[test]
fn exports_lead_to_variables() {
    let known = [
        "module.exports = { port: process.env.PORT || 3000, db: { url: process.env['DATABASE_URL'] }, name: 'app' }",
        "export const config = { port: Number(process.env.PORT) }; export default config",
        "const port = process.env.PORT; export { port as p }; exports.q = process.env.QUEUE_URL",
        "export default () => ({ db: { host: process.env.DB_HOST } })",
        "export default registerAs('db', () => ({ host: process.env.DB_HOST }))",
        "export * from './other'; export { x as y } from './more'",
        "export class Settings { static url = process.env.URL_ }",
        "import { cleanEnv, port } from 'envalid'; export const env = cleanEnv(process.env, { PORT: port({ default: 1 }) })",
        "import { z } from 'zod'; const s = z.object({ URL_: z.string() }); const parsed = s.safeParse(process.env); export const env = parsed.data",
        "class Environment { url = process.env.URL_; port = Number(process.env.PORT ?? 1) }\nexport default new Environment()",
        "module.exports = { ...require('./base'), jwtSecret: 'k3jq0dkw93', nested: require('./nested') }",
        "import c from './c'; export const url = c.db.url; export const key = require('lib').key",
    ];
    let shown: Vec<String> = known
        .iter()
        .map(|text| format!("{text}\n  {:?}", exports_of(text)))
        .collect();
    insta::assert_snapshot!(shown.join("\n"));
}
