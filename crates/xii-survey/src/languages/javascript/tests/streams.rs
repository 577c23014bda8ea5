//! Logs.

use super::seeing::each;

#[test]
fn sinks_and_formats() {
    let shown = each(&[
        "const winston = require('winston'); winston.createLogger({ format: winston.format.combine(winston.format.timestamp(), winston.format.json()), transports: [new winston.transports.Console(), new winston.transports.File({ filename: 'error.log', maxsize: 5 })] })",
        "import winston, { format } from 'winston'; import 'winston-daily-rotate-file'; winston.createLogger({ format: format.simple(), transports: [new winston.transports.DailyRotateFile({ dirname: process.env.LOG_DIR, filename: 'x' })] })",
        "import pino from 'pino'; pino({ redact: ['password'] }); pino(pino.destination('./app.log')); pino({ transport: { target: 'pino-pretty' } }); pino({ transport: process.env.NODE_ENV !== 'production' ? { target: 'pino-pretty' } : undefined })",
        "const bunyan = require('bunyan'); bunyan.createLogger({ name: 'a', streams: [{ type: 'rotating-file', path: 'a.log' }] })",
        "const log4js = require('log4js'); log4js.configure({ appenders: { out: { type: 'stdout' }, f: { type: 'dateFile', filename: 'logs/a.log' } } })",
        "const morgan = require('morgan'); const fs = require('fs'); const path = require('path'); const s = fs.createWriteStream(path.join(__dirname, 'access.log'), { flags: 'a' }); app.use(morgan('combined', { stream: s })); app.use(morgan('dev'))",
        "import Fastify from 'fastify'; const app = Fastify({ logger: { redact: ['a'] } })",
        "import { Logger } from '@nestjs/common'; class A { private readonly logger = new Logger(A.name); f() { this.logger.log('x') } }",
        "import pino from 'pino'; import pretty from 'pino-pretty'; pino(pretty()); pino({ transport: { target: 'pino-pretty' } }); pino({ ...(process.env.NODE_ENV === 'development' && { transport: { target: 'pino-pretty' } }) })",
        "import Fastify from 'fastify'; const by = { development: { transport: { target: 'pino-pretty' } }, production: true }; Fastify({ logger: by[process.env.NODE_ENV] }); Fastify({ logger: { transport: { target: 'pino-pretty' } } })",
        "console.log('up'); // console.log('no')",
        "const fs = require('fs'); const path = require('path'); const s = fs.createWriteStream(path.join(dir, '/error.log')); fs.appendFileSync('orders.log', x); fs.createWriteStream('orders.csv')",
    ]);
    insta::assert_snapshot!(shown);
}

#[test]
fn events_that_give_something_away() {
    let shown = each(&[
        "console.log(process.env); console.log(`db ${process.env.DB_PASSWORD}`); console.log(process.env.PORT)",
        "app.post('/', (req, res) => { logger.info('got', req.body); logger.debug({ headers: req.headers }); logger.info(req.body.name) })",
        "console.log('user', user.password, resetToken); console.log(token.length, mask(password), tokens)",
        "logger.info(config.jwt.secret); logger.info({ token_endpoint: x.token_endpoint })",
        "logger.info(checkout.token); logger.info(user.token); logger.info(config.token)",
        "console.log('set', 'DB_PASSWORD' in process.env, given === token, !password, password && 'given')",
        "log.info('password changed'); if (password) console.log('given')",
    ]);
    insta::assert_snapshot!(shown);
}

#[test]
fn requests_can_be_followed() {
    let shown = each(&[
        "import pinoHttp from 'pino-http'; app.use(pinoHttp())",
        "import { AsyncLocalStorage } from 'node:async_hooks'; const als = new AsyncLocalStorage(); als.run({ requestId: 1 }, next)",
        "app.use((req, res, next) => { req.id = req.headers['x-request-id'] || uuid(); next() })",
    ]);
    insta::assert_snapshot!(shown);
}
