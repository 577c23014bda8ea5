//! A snippet for each kind of fact, seen and not seen. What is read from each stands in `snapshots`.

use super::reading::lines_at;
use crate::languages::python::LANGUAGE;

/// The snippets of a topic, each followed by its facts.
fn shown(path: &str, snippets: &[&str]) -> String {
    let mut out = String::new();
    for snippet in snippets {
        let lines = lines_at(path, snippet);
        assert!(
            (LANGUAGE.may_hold_facts)(snippet)
                || lines.iter().all(|line| line.contains("Import {")),
            "no needle in {snippet}"
        );
        out.push_str(snippet.trim_end());
        out.push('\n');
        for line in lines {
            out.push_str("    => ");
            out.push_str(&line);
            out.push('\n');
        }
        out.push('\n');
    }
    out
}

#[test]
fn clients() {
    insta::assert_snapshot!(shown(
        "app/main.py",
        &[
            "import os, redis\nr = redis.Redis.from_url(os.environ['REDIS_URL'], socket_timeout=5)\n",
            "from redis import StrictRedis as R\ndef view(request):\n  return R(host='cache').get('a')\n",
            "from sqlalchemy import create_engine\ne = create_engine('sqlite:///app.db', pool_pre_ping=True)\n",
            "import requests\nrequests.get(url)\nrequests.get(url, timeout=3)\nrequests.get(url, timeout=None)\n",
            "import httpx\nc = httpx.Client(timeout=None)\nc.get('/x')\nhttpx.get('https://a.io/b')\n",
            "import boto3\ns = boto3.client('s3')\nq = boto3.resource('sqs', endpoint_url=url)\n",
            "import smtplib, os\nwith smtplib.SMTP(os.getenv('SMTP_HOST', 'localhost'), 25) as s:\n  s.send()\n",
            "import pika\nc = pika.BlockingConnection(pika.ConnectionParameters(host='mq'))\n",
            "from elasticsearch import Elasticsearch\nimport os\nes = Elasticsearch([os.environ['ES_URL']])\n",
            "import psycopg2, os\nc = psycopg2.connect(os.environ['DB'], **options)\n",
            "from confluent_kafka import Producer\nimport os\np = Producer({'bootstrap.servers': os.environ['KAFKA']})\n",
            "class requests:\n  def get(x): pass\nrequests.get('x')\n# redis.Redis()\ns = 'redis.Redis()'\n",
            "import requests\nrequests.get('https://api.acme.io/users/{}'.format(1), verify=False)\n",
        ]
    ));
}

#[test]
fn servers() {
    insta::assert_snapshot!(shown(
        "app/main.py",
        &[
            "from flask import Flask\nimport os\napp = Flask(__name__)\nif __name__ == '__main__':\n  app.run(host='0.0.0.0', port=int(os.environ.get('PORT', 5000)), debug=True)\n",
            "import uvicorn\nuvicorn.run('main:app', host='127.0.0.1', port=8000)\n",
            "from aiohttp import web\nweb.run_app(web.Application())\n",
            "from app import create_app\nfrom flask import g\napp = create_app()\napp.run()\n",
            "from http.server import HTTPServer\nHTTPServer(('', 8000), H).serve_forever()\n",
            "import waitress\nwaitress.serve(app, listen='*:80')\n",
            "class App:\n  def run(self): pass\napp = App()\napp.run()\n# uvicorn.run()\n",
        ]
    ));
    insta::assert_snapshot!(
        "gunicorn",
        shown(
            "gunicorn.conf.py",
            &[
                "import os\nbind = f\"0.0.0.0:{os.environ.get('PORT', '8000')}\"\naccesslog = '-'\nerrorlog = '/var/log/e.log'\ndaemon = True\npidfile = '/run/g.pid'\n",
                "import os\nbind = '127.0.0.1:8000'\n",
                "import os\nbind = '0.0.0.0:' + os.getenv('PORT')\n",
            ]
        )
    );
}

#[test]
fn jobs() {
    insta::assert_snapshot!(shown(
        "app/main.py",
        &[
            "from apscheduler.schedulers.background import BackgroundScheduler\ns = BackgroundScheduler()\ns.add_job(f, 'interval', minutes=5)\n@s.scheduled_job('cron', hour=3)\ndef nightly(): pass\n",
            "import schedule\nschedule.every(10).minutes.do(job)\nschedule.every().day.do(job)\n",
            "import threading\nthreading.Thread(target=f).start()\nthreading.Timer(5, f).start()\n",
            "import asyncio\nasyncio.create_task(f())\nawait asyncio.create_task(f())\n",
            "from fastapi import BackgroundTasks\ndef send(tasks: BackgroundTasks): tasks.add_task(f)\n",
            "from celery import Celery, shared_task\napp = Celery('x', broker='amqp://mq')\n@app.task(acks_late=True, autoretry_for=(E,), retry_backoff=True)\ndef a(): pass\n@shared_task\ndef b(): pass\napp.conf.beat_schedule = {'nightly': {'task': 'b'}}\n",
            "import dramatiq\n@dramatiq.actor\ndef a(): pass\n",
            "from rq import Worker\nWorker(['q']).work()\n",
            "channel.basic_consume(queue='task', auto_ack=True)\n",
            "def task(f): return f\n@task\ndef a(): pass\nThread = 1\nThread()\n",
        ]
    ));
}

#[test]
fn processes() {
    insta::assert_snapshot!(shown(
        "app/main.py",
        &[
            "import subprocess, os\nsubprocess.run(['convert', 'a'])\nsubprocess.Popen('ffmpeg -i x', shell=True, start_new_session=True)\nos.system(f'git clone {url}')\nsubprocess.run([tool])\n",
            "import sys\nsys.exit(2)\nsys.exit('no config')\nexit()\n",
            "import daemon\nwith daemon.DaemonContext(): main()\n",
            "from app import db\ndb.create_all()\n",
            "from x import Base, engine\nBase.metadata.create_all(bind=engine)\ndef seed():\n  Base.metadata.create_all(bind=engine)\n",
            "import sqlite3, os\nc = sqlite3.connect(os.environ['DB'])\nc.execute('CREATE TABLE IF NOT EXISTS a (id int)')\ndef later():\n  c.execute('create table b (id int)')\n",
            "from sqlalchemy import text\ndef prepare():\n  with engine.begin() as c:\n    c.execute(text('alter table a add b int'))\nprepare()\nc.execute('select 1')\n",
            "from x import Base, engine\nfrom contextlib import asynccontextmanager\n@asynccontextmanager\nasync def lifespan(app):\n  async with engine.begin() as c:\n    await c.run_sync(Base.metadata.create_all)\n  yield\n",
            "from alembic import command\n@app.on_event('startup')\ndef start():\n  command.upgrade(cfg, 'head')\n",
            "@app.cli.command('create-admin')\ndef admin(): pass\n",
            "import typer\ncli = typer.Typer()\n@cli.command()\ndef seed_data(): pass\n",
            "import sentry_sdk, os\nsentry_sdk.init(os.environ['SENTRY_DSN'], release=os.environ['COMMIT'])\n",
            "from sqlalchemy import UniqueConstraint\nUniqueConstraint('a')\n",
        ]
    ));
    insta::assert_snapshot!(
        "management",
        shown(
            "shop/management/commands/import_orders.py",
            &[
                "from django.core.management.base import BaseCommand\nclass Command(BaseCommand):\n  def handle(self): pass\n",
            ]
        )
    );
}

#[test]
fn logs() {
    insta::assert_snapshot!(shown(
        "app/main.py",
        &[
            "import logging, sys\nlogging.basicConfig(stream=sys.stdout, format='%(asctime)s %(levelname)s')\n",
            "import logging\nlogging.basicConfig(filename='app.log')\n",
            "from logging.handlers import RotatingFileHandler as R\nh = R('logs/a.log')\n",
            "import logging, os\nlogging.FileHandler(os.environ['LOG_FILE'])\nlogging.FileHandler('/dev/stdout')\n",
            "LOGGING = {'formatters': {'json': {'()': 'pythonjsonlogger.jsonlogger.JsonFormatter', 'format': '%(asctime)s %(levelname)s'}}, 'handlers': {'f': {'class': 'logging.handlers.TimedRotatingFileHandler', 'filename': '/var/log/a.log'}, 'c': {'class': 'logging.StreamHandler', 'stream': 'ext://sys.stdout'}}}\n",
            "LOGGING = {'formatters': {'json': {'()': 'shop.logs.ShopJsonFormatter'}, 'own': {'()': 'shop.logs.Own', 'format': '%(message)s'}, 'plain': {'()': 'django.utils.log.ServerFormatter', 'format': '%(message)s'}}, 'handlers': {'c': {'class': 'logging.StreamHandler', 'formatter': 'json' if not DEBUG else 'plain'}}}\n",
            "from shop.logs import OrderJSONFormatter\nimport logging\nhandler = logging.StreamHandler()\nhandler.setFormatter(OrderJSONFormatter())\n",
            "import logging\nlogger = logging.getLogger(__name__)\nfor checkout in found:\n  logger.info('done %s', checkout.token)\nfor token in words:\n  logger.info(token)\nlogger.info(settings.token)\nlogger.info(reset_token)\n",
            "from loguru import logger\nlogger.add('a.log', rotation='1 day')\nlogger.add(sys.stderr, serialize=True)\n",
            "import structlog\nstructlog.configure(processors=[structlog.processors.TimeStamper(), structlog.processors.JSONRenderer()])\n",
            "print('a', flush=True)\n",
            "import os, logging\nlogger = logging.getLogger(__name__)\nlogger.info('env %s', os.environ)\nlogger.info(f'{password}')\nlogger.debug(request.headers)\nlogger.info('db', os.environ['DB_PASSWORD'])\nlogger.info('password changed')\nlogger.info(len(token))\n",
            "import os, logging\nlogging.info('set %s %s', 'DB_PASSWORD' in os.environ, 'A' not in os.environ)\nlogging.info('%s', password == given)\nlogging.info(not token, token and 'given', 'set' if token else 'unset')\n",
            "open('out.txt', 'w').write('x')\nprint('x', file=f)\n",
        ]
    ));
}

#[test]
fn telemetry() {
    insta::assert_snapshot!(shown(
        "app/main.py",
        &[
            "from prometheus_fastapi_instrumentator import Instrumentator\nInstrumentator().instrument(app).expose(app)\n",
            "from prometheus_client import Counter, start_http_server\nc = Counter('http_requests_total', 'x')\nstart_http_server(9000)\n",
            "from starlette_exporter import PrometheusMiddleware, handle_metrics\napp.add_middleware(PrometheusMiddleware)\napp.add_route('/metrics', handle_metrics)\n",
            "from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter\nfrom opentelemetry.instrumentation.flask import FlaskInstrumentor\nOTLPSpanExporter(endpoint='http://c:4317')\nFlaskInstrumentor().instrument_app(app)\n",
            "from asgi_correlation_id import CorrelationIdMiddleware\napp.add_middleware(CorrelationIdMiddleware)\n",
            "rid = request.headers.get('X-Request-ID')\nlogger.bind(rid)\n",
            "import sentry_sdk\nsentry_sdk.init(dsn, traces_sample_rate=0.1)\n",
        ]
    ));
}

#[test]
fn signals() {
    insta::assert_snapshot!(shown(
        "app/main.py",
        &[
            "import signal, sys\ndef stop(s, f):\n  pool.close()\n  sys.exit(0)\nsignal.signal(signal.SIGTERM, stop)\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n",
            "import signal, asyncio\nloop = asyncio.get_event_loop()\nfor s in (signal.SIGTERM, signal.SIGINT):\n  loop.add_signal_handler(s, lambda: server.close())\n",
            "from contextlib import asynccontextmanager\n@asynccontextmanager\nasync def lifespan(app):\n  yield\n  await engine.dispose()\n",
            "@app.on_event('shutdown')\nasync def bye():\n  await redis.close()\n",
            "import signal\nclass Worker:\n  def stop(self, *a):\n    self.db.close()\n  def run(self):\n    signal.signal(signal.SIGTERM, self.stop)\n",
            "import signal, sys\ndef stop(*args):\n  print('bye')\n  sys.exit(0)\nsignal.signal(signal.SIGTERM, stop)\n",
            "import signal, sys\ndef stop(*args):\n  server.shutdown()\n  sys.exit(0)\nsignal.signal(signal.SIGTERM, stop)\n",
            "import atexit\natexit.register(lambda: pool.close())\natexit.register(print)\n",
            "import signal\nsignal.SIGTERM\nclass Signal:\n  def signal(self): pass\n",
        ]
    ));
}

#[test]
fn routes() {
    insta::assert_snapshot!(shown(
        "app/main.py",
        &[
            "from flask import Flask\nfrom flask_login import login_required\napp = Flask(__name__)\n@app.route('/a', methods=['GET', 'POST'])\n@login_required\ndef a(): pass\n@app.get('/healthz')\ndef b():\n  db.session.execute('select 1')\n@app.errorhandler(404)\ndef e(x): pass\n",
            "from fastapi import APIRouter, Depends, FastAPI\napp = FastAPI(version='1.2')\nrouter = APIRouter(dependencies=[Depends(get_current_user)])\n@router.get('/items')\ndef items(): pass\n@app.post('/x')\ndef x(user = Depends(get_current_user)): pass\n",
            "from django.urls import path, include\nurlpatterns = [path('admin/', admin.site.urls), path('ht/', include('health_check.urls')), path('a/', login_required(view)), path('', include('django_prometheus.urls'))]\n",
            "from fastapi import APIRouter\nrouter = APIRouter()\n@router.get('/api/v1/utils/health-check/')\ndef a(): return True\n@router.get('/2fa/status')\ndef b(): return db.load(1)\n@router.get('/status')\ndef c(): return {'ok': True}\n@router.get('/api/status-page')\ndef d(): return {}\n",
            "from aiohttp import web\nweb.get('/ready', handler)\n",
            "client.get('/a')\n@client.get('/b')\ndef f(): pass\n",
            "import strawberry\nschema = strawberry.Schema(query=Q)\n",
        ]
    ));
}

#[test]
fn trust() {
    insta::assert_snapshot!(shown(
        "app/main.py",
        &[
            "import jwt\njwt.decode(t, key, algorithms=['HS256'], audience='a')\njwt.decode(t, options={'verify_signature': False})\njwt.decode(t, 'k3y', algorithms=['none'])\njwt.decode(t, 'k3y', algorithms=['HS256'])\n",
            "from fastapi.middleware.cors import CORSMiddleware\napp.add_middleware(CORSMiddleware, allow_origins=['*'], allow_credentials=True)\n",
            "from flask_cors import CORS\nCORS(app)\nCORS(app, origins=['https://a.io'])\n",
            "response.set_cookie('session', v, httponly=True, secure=False)\n",
            "from flask_talisman import Talisman\nTalisman(app)\n",
            "import requests, ssl\nrequests.get(u, verify=False, timeout=1)\nssl._create_unverified_context()\n",
            "class V(LoginRequiredMixin, View):\n  permission_classes = [IsAuthenticated, IsOwner]\n",
            "import boto3, google.auth\nboto3.client('s3', aws_access_key_id=a, aws_secret_access_key=b)\ngoogle.auth.default()\n",
            "import os\ntoken = open(os.environ['AWS_WEB_IDENTITY_TOKEN_FILE']).read()\n",
        ]
    ));
}

#[test]
fn files_and_state() {
    insta::assert_snapshot!(shown(
        "app/main.py",
        &[
            "open('data/out.json', 'w')\nopen('in.json')\nopen('/var/run/a.pid', 'w')\nopen('/tmp/x', 'wb')\n",
            "from flask import request\nf = request.files['f']\nf.save(os.path.join(app.config['UPLOAD_FOLDER'], f.filename))\n",
            "import shutil\nfrom fastapi import UploadFile\ndef up(file: UploadFile):\n  with open(f'uploads/{file.filename}', 'wb') as out:\n    shutil.copyfileobj(file.file, out)\n",
            "from pathlib import Path\nBASE_DIR = Path(__file__).parent\n(BASE_DIR / 'x').write_text('a')\n",
            "import tempfile\ntempfile.NamedTemporaryFile()\n",
            "CARTS = {}\ncount = 0\n@app.post('/cart')\ndef add(request):\n  global count\n  count += 1\n  CARTS['a'] = 1\n  local = []\n  local.append(1)\n",
            "cache = {}\n@app.get('/x')\ndef x():\n  cache.setdefault('a', 1)\n",
            "REGISTRY = []  # request\ndef register(f):\n  REGISTRY.append(f)\nregister(open)\n",
            "from cachetools import TTLCache\nc = TTLCache(10, 60)\n",
        ]
    ));
}

#[test]
fn framework_settings() {
    insta::assert_snapshot!(shown(
        "shop/settings.py",
        &[
            "DATABASES = {'default': {'ENGINE': 'django.db.backends.postgresql', 'HOST': 'db', 'CONN_MAX_AGE': 60}}\n",
            "import dj_database_url\nDATABASES = {'default': dj_database_url.config(conn_max_age=600)}\n",
            "INSTALLED_APPS = ['django.contrib.sessions', 'django_prometheus', 'health_check', 'health_check.db', 'drf_spectacular', 'compressor']\n",
            "SESSION_ENGINE = 'django.contrib.sessions.backends.file'\nCACHES = {'default': {'BACKEND': 'django.core.cache.backends.locmem.LocMemCache'}}\n",
            "SECURE_SSL_REDIRECT = True\nSECURE_HSTS_SECONDS = 0\nSESSION_COOKIE_SECURE = False\nCORS_ALLOW_ALL_ORIGINS = True\n# django\n",
            "MEDIA_ROOT = os.path.join(BASE_DIR, 'media')\nDEFAULT_FILE_STORAGE = 'django.core.files.storage.FileSystemStorage'\n",
            "import os\nEMAIL_HOST = os.environ['EMAIL_HOST']\nCELERY_BROKER_URL = 'redis://localhost:6379/0'\nCELERY_TASK_ACKS_LATE = True\n",
            "ALLOWED_HOSTS = ['shop.acme.io', 'localhost', '*']\n",
            "REST_FRAMEWORK = {'DEFAULT_PERMISSION_CLASSES': ['rest_framework.permissions.IsAuthenticated']}\n",
        ]
    ));
    insta::assert_snapshot!(
        "flask_settings",
        shown(
            "app/config.py",
            &[
                "import os\nclass Config:\n  SQLALCHEMY_DATABASE_URI = os.environ.get('DATABASE_URL') or 'sqlite:///' + os.path.join(d, 'a.db')\n  SESSION_TYPE = 'filesystem'\n  CACHE_TYPE = 'SimpleCache'\nclass DevelopmentConfig(Config):\n  SQLALCHEMY_DATABASE_URI = 'sqlite:///dev.db'\n",
                "app.config['SESSION_COOKIE_SECURE'] = True\napp.config.update(SESSION_TYPE='redis', SECRET_KEY='dev')\n",
            ]
        )
    );
}
