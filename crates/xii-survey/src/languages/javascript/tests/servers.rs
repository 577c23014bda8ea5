//! Servers, signals, jobs, queues and programs.

use super::seeing::{each, exports_of, seen_in};

#[test]
fn servers_bind_ports() {
    let shown = each(&[
        "import express from 'express'; const app = express(); app.listen(3000)",
        "const app = require('express')(); const port = normalizePort(process.env.PORT || '3000'); app.set('port', port); const server = require('http').createServer(app); server.listen(app.get('port'), '0.0.0.0'); server.on('error', onError)",
        "import Fastify from 'fastify'; const app = Fastify({ logger: false }); await app.listen({ port: 3000 }); app.listen({ port: Number(process.env.PORT), host: '::' })",
        "import { NestFactory } from '@nestjs/core'; async function bootstrap() { const app = await NestFactory.create(M); app.enableShutdownHooks(); await app.listen(process.env.PORT ?? 3000) }",
        "import { NestFactory } from '@nestjs/core'; import { ConfigService } from '@nestjs/config'; const app = await NestFactory.create(M); const config = app.get(ConfigService); app.listen(config.getOrThrow('app.port')); app.listen(config.get('PORT'))",
        "const Hapi = require('@hapi/hapi'); const server = Hapi.server({ port: 3000, host: 'localhost' })",
        "const app = require('./app'); const config = require('./config'); app.listen(config.port, () => {})",
        "class Server { constructor() { this.app = express() } start() { this.app.listen(this.port) } }\nconst express = require('express')",
        "import Koa from 'koa'; new Koa().listen({ port: 80, host: process.env.HOST })",
        "app.listen('/tmp/app.sock'); history.listen(() => {}); emitter.listen('x')",
        "import { WebSocketServer } from 'ws'; new WebSocketServer({ port: 8080 }); new WebSocketServer({ server })",
        "// app.listen(3000)\nconst s = 'app.listen(3000)'",
    ]);
    insta::assert_snapshot!(shown);
}

#[test]
fn signal_handlers_are_followed() {
    let shown = each(&[
        "process.on('SIGTERM', () => { server.close(() => { pool.end(); process.exit(0) }) })",
        "process.on('SIGTERM', () => process.exit(0)); process.on('SIGINT', process.exit)",
        "process.on('SIGTERM', () => {})",
        "process.on('SIGTERM', shutdown); async function shutdown() { await app.close(); await mongoose.disconnect(); process.exit(0) }\nconst mongoose = require('mongoose')",
        "['SIGTERM', 'SIGINT'].forEach((signal) => process.on(signal, () => { server.close(); process.exit(1) }))",
        "const shutdown = () => { server.close(done); setTimeout(() => process.exit(1), 10000) }; const done = () => process.exit(0); process.once('SIGTERM', shutdown)",
        "process.on('SIGTERM', () => Shutdown.execute()); process.on('exit', f)\nimport Shutdown from './GracefulShutdown'",
        "import { createTerminus } from '@godaddy/terminus'; createTerminus(server, { healthChecks: { '/healthz': async () => db.ping() } })",
        "import closeWithGrace from 'close-with-grace'; closeWithGrace({ delay: 500 }, async () => { await app.close() })",
        "console.log('process.on(SIGTERM)')",
    ]);
    insta::assert_snapshot!(shown);
}

#[test]
fn clocks_and_queues_start_work() {
    let shown = each(&[
        "const { Pool } = require('pg'); const pool = new Pool(); pool.query('CREATE TABLE if not exists a (id int)'); app.post('/x', () => pool.query('create table b (id int)')); pool.query('select 1')",
        "const cron = require('node-cron'); cron.schedule('0 * * * *', async () => { await send() })",
        "import { Cron, CronExpression } from '@nestjs/schedule'; class T { @Cron(CronExpression.EVERY_HOUR) run() {} }",
        "setInterval(async () => { await syncAll() }, 60000); setInterval(() => { count += 1 }, 10); setInterval(() => socket.ping(), 30000)",
        "import { Queue, Worker } from 'bullmq'; const q = new Queue('mail', { connection: { host: process.env.REDIS_HOST } }); q.add('x', {}, { repeat: { every: 1 }, jobId: 'a' }); new Worker('mail', work)",
        "import { taskQueue } from '../queues'; taskQueue().process(4, async (job) => work(job)); image.process('x'); taskQueue().add('x')",
        "import amqp from 'amqplib'; const c = await amqp.connect(process.env.AMQP_URL); const ch = await c.createChannel(); ch.consume('q', (m) => { work(m); ch.ack(m) }); ch.consume('r', f, { noAck: true })",
        "import { Kafka } from 'kafkajs'; const consumer = new Kafka({ brokers: ['k1:9092'] }).consumer({ groupId: 'a' }); await consumer.run({ eachMessage: f })",
        "const { Sequelize } = require('sequelize'); const db = new Sequelize(process.env.DATABASE_URL); db.sync({ alter: true })",
        "import { TypeOrmModule } from '@nestjs/typeorm'; TypeOrmModule.forRoot({ type: 'postgres', url: process.env.DATABASE_URL, synchronize: true })",
        "import { Worker } from 'worker_threads'; new Worker('./x.js')",
        "const { exec, spawn } = require('child_process'); exec(`convert ${a} b`); spawn('ffmpeg', ['-i'], { detached: true }); process.exit(2); require('ts-node/register')",
    ]);
    insta::assert_snapshot!(shown);
}

#[test]
fn schemas_are_changed_at_start() {
    let shown = each(&[
        "const { Pool } = require('pg'); const pool = new Pool({ connectionString: process.env.DATABASE_URL }); pool.query('create table if not exists a (id int)')",
        "const db = new sqlite3.Database(process.env.DB); db.serialize(() => { db.run(`CREATE TABLE IF NOT EXISTS ${name} (id int)`) })\nconst sqlite3 = require('sqlite3')",
        "async function prepare() { await client.query(DDL) } const DDL = `\n -- a\n alter table a add b int`; prepare()",
        "export async function initDb(sql) { await sql`create table a (id int)` }",
        "const { sequelize } = require('./models'); sequelize.sync({ force: false }).then(() => app.listen(3000))",
        "async function start() { await sequelize.sync({ force: true }); server.listen(process.env.PORT || 3000) }",
        "const sequelize = require('./sequelize'); sequelize.sync()",
        "exports.up = (db) => db.query('create table a (id int)'); function later() { db.query('create table a (id int)') }",
        "app.post('/x', (req, res) => { db.query('create table a (id int)') }); pool.query('create temporary table a (id int)'); log('create table a')",
    ]);
    insta::assert_snapshot!(shown);
    assert!(
        seen_in(
            "migrations/001.js",
            "const db = require('./db'); db.query('create table a (id int)')"
        )
        .is_empty()
    );
}

#[test]
fn handlers_and_what_they_call_elsewhere_are_exported() {
    insta::assert_debug_snapshot!(exports_of(
        "import { stop } from './life'; import life from './life'; async function down() { await life.drain(); process.exit(0) } process.on('SIGTERM', stop); process.on('SIGINT', down)"
    ));
    insta::assert_debug_snapshot!(exports_of(
        "export async function stop() { await new Promise((done) => server.close(done)) } export class Life { static drain() { app.close() } open() {} } export const log = () => console.log('closing')"
    ));
}
