//! Routes, trust and telemetry.

use super::seeing::{each, seen_in};

#[test]
fn routes_are_seen_with_what_guards_them() {
    let shown = each(&[
        "const router = require('express').Router(); router.get('/a', list); router.post('/b', auth, validate(x), (req, res) => {}); router.route('/c').get(auth('manage'), f).delete(g)",
        "const app = require('express')(); app.use(requireAuth); app.get('/me', me); app.get('title'); axios.get('/x', cb)",
        "import { Module } from '@nestjs/common'; import { AuthMiddleware } from './auth.middleware'; export class M { configure(consumer) { consumer.apply(AuthMiddleware).forRoutes({ path: 'articles' }) } }",
        "import { Controller, Get, UseGuards, Post } from '@nestjs/common'; @Controller('cats') @UseGuards(JwtAuthGuard) export class C { @Get(':id') one() {} @Public() @Post() make() {} }",
        "const app = require('fastify')(); app.get('/x', { preHandler: [app.authenticate] }, f); app.route({ method: 'PUT', url: '/y', handler: f })",
        "import Router from '@koa/router'; const r = new Router(); r.get('/k', async (ctx) => {})",
        "const router = require('express').Router(); router.get('/status', async (req, res) => { await page.handle(res, 'default') }); router.get('/api/status', (req, res) => res.json({ up: true }))",
        "const app = require('express')(); app.get('/healthz', (req, res) => res.send('ok')); app.get('/ready', async (req, res) => { await pool.query('select 1'); res.send('ok') }); app.use((err, req, res, next) => { res.status(500).json({}) })",
        "import { HealthCheck } from '@nestjs/terminus'; import { Controller, Get, Catch } from '@nestjs/common'; @Controller('health') class H { @Get() @HealthCheck() check() { return this.h.check([]) } } @Catch() class F {}",
        "const app = require('express')(); app.get('/api/v1/utils/health-check/', (req, res) => res.send('ok')); app.get('/rest/2fa/status', f); app.get('/2fa/status', async (req, res) => { res.json(await twoFactor(req.user)) }); app.get('/api/status-page', f); app.get('/status', (req, res) => res.status(200).json({ ok: true, up: process.uptime() })); app.get('/api/orders/new/ready', f); app.get('/_health', f)",
    ]);
    insta::assert_snapshot!(shown);
    insta::assert_debug_snapshot!(seen_in(
        "src/app/api/users/route.ts",
        "export async function GET(request: Request) { return Response.json(process.env.X_Y) }"
    ));
}

#[test]
fn trust_is_checked_well_or_badly() {
    let shown = each(&[
        "const jwt = require('jsonwebtoken'); app.get('/a', (req, res) => { const token = req.headers.authorization; res.json(jwt.decode(token)) })",
        "import { decode } from 'jsonwebtoken'; const told = decode(kept.tokenOf(user))",
        "import Fastify from 'fastify'; const app = Fastify(); app.addHook('onRequest', async (request, reply) => { if (!request.session.user) reply.unauthorized() }); app.addHook('onRequest', async (request) => { request.log.info('x') }); app.addHook('onSend', async () => 401)",
        "const show = (err, req, res, next) => { res.status(500); res.render('error', { err }) }; const tell = (err, req, res, next) => { res.status(500).json({ message: err.message }) }",
        "app.get('/a', (req, res) => { if (!found) return res.status(404).type('json').json({ message: 'no', code }); res.status(200).json({ a }); res.status(503).json({ a }); res.status(StatusCodes.CONFLICT).send({ errors }); res.status(400).send('no'); res.status(422).json({ ...all }) }); db.query(q, (err, rows) => { if (err) res.status(500).json({ error: 'x' }) }); fastify.setErrorHandler((error, request, reply) => { reply.code(500).send({ title }) })",
        "module.exports = async (ctx, next) => { try { await next() } catch (err) { ctx.status = 500; ctx.body = { errors: err.list } } }; const timed = async (ctx, next) => { try { await next() } catch (err) { log(err); throw err } }; const one = async (ctx) => { try { await find() } catch (err) { ctx.body = {} } }",
        "const jwt = require('jsonwebtoken'); jwt.verify(t, process.env.JWT_SECRET, { algorithms: ['HS256'], issuer: 'a' }); jwt.verify(t, 'shhhhh'); jwt.verify(t, k, { ignoreExpiration: true })",
        "import jwt from 'jsonwebtoken'; jwt.decode(token)",
        "import { jwtVerify } from 'jose'; jwtVerify(t, k); passport.authenticate('jwt'); import passport from 'passport'",
        "import passport from 'passport'; app.use(passport.authenticate('jwt', { session: false })); app.get('/a', authenticate('local'), f); app.get('/b', authorize('editor'), f)",
        "const cors = require('cors'); app.use(cors()); app.use(cors({ origin: true, credentials: true })); app.use(cors({ origin: process.env.ORIGIN })); app.use(cors(corsOptions))",
        "app.get('/', (req, res) => { res.cookie('a', 1, { httpOnly: true, secure: isProd }); res.cookie('b', 2); res.setHeader('Access-Control-Allow-Origin', '*') })",
        "import helmet from 'helmet'; app.use(helmet()); const a = new https.Agent({ rejectUnauthorized: false }); process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'\nimport https from 'https'",
        "const swaggerJsdoc = require('swagger-jsdoc'); swaggerJsdoc({ definition: { info: { version: '1.2.0' } } }); const { ApolloServer } = require('@apollo/server'); new ApolloServer({})",
    ]);
    insta::assert_snapshot!(shown);
}

#[test]
fn telemetry_is_made() {
    let shown = each(&[
        "import client from 'prom-client'; client.collectDefaultMetrics(); new client.Histogram({ name: 'http_request_duration_seconds' }); app.get('/metrics', async (req, res) => res.end(await client.register.metrics()))",
        "import { NodeSDK } from '@opentelemetry/sdk-node'; import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'; new NodeSDK({ traceExporter: new OTLPTraceExporter({ url: 'http://otel:4318' }), instrumentations: [a()] })",
        "import * as Sentry from '@sentry/node'; Sentry.init({ dsn: process.env.SENTRY_DSN, tracesSampleRate: 0.1, release: process.env.GIT_SHA })",
        "import 'dd-trace/init'; import pkg from '../package.json'; app.get('/version', (req, res) => res.json({ v: pkg.version }))",
    ]);
    insta::assert_snapshot!(shown);
}
