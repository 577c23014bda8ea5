//! Clients, sessions, files and memory.

use super::seeing::each;

#[test]
fn clients_are_known_by_what_makes_them() {
    let shown = each(&[
        "import mysql from 'mysql2/promise'; async function make() { const connection = mysql.createConnection({ host: process.env.DB_HOST }); await connection.execute('create database shop'); await connection.end() } function ask(url) { return new Promise((resolve) => { const connection = mysql.createConnection(url); connection.query('select 1', (error, rows) => { connection.end(); resolve(rows) }) }) } async function keep() { const connection = mysql.createConnection({ host: process.env.DB_HOST }); return connection } let held; function hold() { held = mysql.createConnection(process.env.DB_URL) }",
        "const { Pool } = require('pg'); const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 10, connectionTimeoutMillis: 2000 }); pool.end()",
        "import mysql from 'mysql2/promise'; app.get('/', async (req, res) => { const c = await mysql.createConnection({ host: 'db.internal' }) })",
        "import mongoose from 'mongoose'; mongoose.connect(process.env.MONGODB_URI || 'mongodb://localhost/app', { serverSelectionTimeoutMS: 3000 })",
        "import Redis from 'ioredis'; new Redis(process.env.REDIS_URL!); new Redis()",
        "import { createClient } from 'redis'; createClient({ url: process.env.REDIS_URL, socket: { reconnectStrategy: f, connectTimeout: 500 } })",
        "import { PrismaClient } from '@prisma/client'; const prisma = new PrismaClient(); prisma.$disconnect()",
        "const knex = require('knex')({ client: 'pg', connection: { host: process.env.DB_HOST } })",
        "import { S3Client, PutObjectCommand } from '@aws-sdk/client-s3'; const s3 = new S3Client({ region: 'eu', credentials: { accessKeyId: process.env.AWS_ID } }); s3.send(new PutObjectCommand({}))",
        "import axios from 'axios'; axios.get('https://api.acme.io/x'); const http = axios.create({ baseURL: process.env.API_URL, timeout: 1000 }); http.get('/y')",
        "await fetch(`${process.env.API_URL}/x`, { signal: AbortSignal.timeout(5000) }); await fetch('https://api.acme.io')",
        "import nodemailer from 'nodemailer'; nodemailer.createTransport({ host: process.env.SMTP_HOST, auth: {} })",
        "import { drizzle } from 'drizzle-orm/node-postgres'; drizzle(process.env.DATABASE_URL)",
        "import retry from 'async-retry'; retry(f); import CircuitBreaker from 'opossum'; new CircuitBreaker(f)",
        "import { Sequelize } from 'sequelize'; new Sequelize('database', 'user', 'x', { dialect: 'sqlite', host: 'localhost', storage: 'data/shop.sqlite' }); new Sequelize({ dialect: 'sqlite', storage: options?.inMemory ? ':memory:' : 'data/b.sqlite' }); new Sequelize('sqlite::memory:')",
        "import { DataSource } from 'typeorm'; new DataSource({ type: 'better-sqlite3', database: 'data/a.sqlite' }); new DataSource({ type: 'postgres', host: process.env.DB_HOST, database: 'shop' })",
        "const knex = require('knex')({ client: 'sqlite3', connection: { filename: './a.sqlite' } })",
        "import axios from 'axios'; import axiosRetry from 'axios-retry'; axiosRetry(axios, { retries: 3, retryDelay: axiosRetry.exponentialDelay }); axiosRetry(axios, { retries: 3 })",
        "import pRetry from 'p-retry'; pRetry(f, { retries: 5 }); pRetry(f, { factor: 1 })",
        "const { Pool } = require('pg'); const pool = new Pool(); pool.on('error', log); async function one() { const client = await pool.connect(); try { } finally { client.release(); } }",
        "const { Pool } = require('pg'); const pool = new Pool(); pool.on('error', log); pool.connect((error, client, done) => { start(client) })",
        "const { Pool } = require('pg'); const pool = new Pool(); pool.on('error', log); pool.connect((error, client, done) => { client.query('select 1', () => done()) })",
        "import { Pool } from 'pg'; class Db { constructor() { this.pool = new Pool(); this.pool.on('error', log) } }",
        "import { Pool } from 'pg'; export class Db { pool = new Pool(); start() { this.pool.on('error', log) } }",
        "import { pool } from './db'; import { server } from './server'; pool.on('error', log); server.on('error', log)",
        "const Pool = class {}; new Pool({ connectionString: process.env.X_URL }); // new pg.Pool()",
    ]);
    insta::assert_snapshot!(shown);
}

#[test]
fn sessions_files_and_memory() {
    let shown = each(&[
        "const session = require('express-session'); app.use(session({ secret: process.env.S_KEY, resave: false, cookie: { secure: true } }))",
        "import session from 'express-session'; import { RedisStore } from 'connect-redis'; app.use(session({ store: new RedisStore({ client }), secret: x }))",
        "const MongoStore = require('connect-mongo')(session); const session = require('express-session'); session({ store: new MongoStore({}) }); session(options)",
        "const cookieSession = require('cookie-session'); cookieSession({ keys: [k], secure: false })",
        "const multer = require('multer'); multer({ dest: 'uploads/' }); multer({ storage: multer.memoryStorage() }); multer.diskStorage({ destination: (req, file, cb) => cb(null, path.join(__dirname, 'files')) })\nconst path = require('path')",
        "import fs from 'fs'; import os from 'os'; import path from 'path'; fs.writeFileSync(path.join(os.tmpdir(), 'a'), b); fs.writeFile('./data.json', x, f); fs.promises.writeFile(process.env.DATA_DIR + '/a', x); fs.createWriteStream('/var/log/app.log', { flags: 'a' }); fs.writeFileSync('app.pid', 1); fs.readFile('/a', f)",
        "const sqlite3 = require('sqlite3').verbose(); new sqlite3.Database('./app.db'); new sqlite3.Database(':memory:')",
        "const users = []; const cache = new Map(); let hits = 0; const fixed = { a: 1 }; app.post('/', (req, res) => { users.push(req.body); cache.set(1, 2); hits++; const users2 = []; users2.push(1) })",
        "const users = []; users.push('boot'); app.get('/', (req, res) => { const users = []; users.push(1) })",
        "import { Injectable } from '@nestjs/common'; @Injectable() export class S { private readonly items = []; add(x) { this.items.push(x) } }",
        "const rateLimit = require('express-rate-limit'); rateLimit({ max: 5 }); const NodeCache = require('node-cache'); new NodeCache({ stdTTL: 5 })",
        "import { Server } from 'socket.io'; const io = new Server(server, { cors: { origin: '*' } })",
        "const token = fs.readFileSync(process.env.AWS_WEB_IDENTITY_TOKEN_FILE, 'utf8')\nimport fs from 'node:fs'",
    ]);
    insta::assert_snapshot!(shown);
}
