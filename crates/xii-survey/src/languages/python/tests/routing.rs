//! Routes with what their routers are mounted under, in one file and through several.

use super::reading::read_all;
use crate::languages::python::LANGUAGE;

/// The routes of an app's files, sorted; those whose path is not certain with a question mark.
fn routes(files: &[(&str, &str)]) -> Vec<String> {
    for (path, text) in files {
        assert!((LANGUAGE.may_hold_facts)(text), "no needle in {path}");
    }
    let (facts, _) = read_all(files);
    let told = facts.routes.iter().map(|fact| {
        let mark = if fact.certain { "" } else { " ?" };
        format!("{} {}{mark}", fact.method, fact.path)
    });
    let mut told: Vec<String> = told.collect();
    told.sort();
    told
}

const PATHS: &str = "from django.urls import include, path, re_path\n";

#[test]
fn patterns_are_included() {
    let settings = (
        "shop/settings.py",
        "import os\nROOT_URLCONF = 'shop.urls'\n",
    );
    let urls = format!(
        "{PATHS}from shop import extra\nfrom django.contrib import admin\nother = [path('o/', v)]\n\
         urlpatterns = [\n  path('admin/', admin.site.urls),\n  path('api/v3/', include('hc.api.urls')),\n\
         path('in/', include([path('a/', v), path('b/', include(other))])),\n\
         re_path(r'^old/', include(('hc.api.urls', 'hc'), namespace='n')), path('x/', include(extra)), path('n/', include('not.ours'))]\n\
         urlpatterns += [path('more/', v)]\n"
    );
    let api = format!(
        "{PATHS}urlpatterns = [path('', v), path('checks/<int:id>', v), re_path(r'^all/$', v), re_path(r'^x(/y)?$', v)]\n"
    );
    let extra = format!("{PATHS}urlpatterns = [path('', v)]\nunused = [path('unused/', v)]\n");
    let lost = format!("{PATHS}urlpatterns = [path('lost/', v)]\n");
    assert_eq!(
        routes(&[
            settings,
            ("shop/urls.py", &urls),
            ("hc/api/urls.py", &api),
            ("shop/extra.py", &extra),
            ("lost/urls.py", &lost),
        ]),
        [
            "* /admin/",
            "* /api/v3/",
            "* /api/v3/all/",
            "* /api/v3/checks/<int:id>",
            "* /api/v3/x(/y)? ?",
            "* /in/a/",
            "* /in/b/o/",
            "* /lost/ ?",
            "* /more/",
            "* /old/",
            "* /old/all/",
            "* /old/checks/<int:id>",
            "* /old/x(/y)? ?",
            "* /unused/ ?",
            "* /x/",
        ]
    );
}

#[test]
fn patterns_whose_prefix_is_computed_are_not_certain() {
    let urls = format!(
        "{PATHS}from django.conf.urls.i18n import i18n_patterns\nprefix = ''\nif x:\n  prefix = f'{{x}}/'\n\
         urlpatterns = [path(f'{{prefix}}in/', v), path(prefix, include('a.urls'))] + i18n_patterns(path('l/', v))\n"
    );
    let inner = format!("{PATHS}urlpatterns = [path('b/', v)]\n");
    assert_eq!(
        routes(&[("shop/urls.py", &urls), ("a/urls.py", &inner)]),
        ["* /b/ ?", "* /in/ ?", "* /l/ ?"]
    );
    let wrapped = format!(
        "{PATHS}from django.conf import settings\nurlpatterns = [path('b/', v)]\nif settings.BELOW:\n  urlpatterns = [path(settings.BELOW, include(urlpatterns))]\n"
    );
    assert_eq!(routes(&[("shop/urls.py", &wrapped)]), ["* /b/ ?"]);
    let named = format!(
        "{PATHS}urlpatterns = [path('b/', v)]\nurlpatterns = [path('', include((urlpatterns, 'shop')))]\n"
    );
    assert_eq!(routes(&[("shop/urls.py", &named)]), ["* /b/"]);
}

#[test]
fn routers_of_django_are_included() {
    let urls = format!(
        "{PATHS}from rest_framework.routers import DefaultRouter, SimpleRouter\nfrom ninja import NinjaAPI\nfrom .views import router as there\n\
         router = DefaultRouter()\nrouter.register('users', UserViewSet)\nbare = SimpleRouter(trailing_slash=False)\nbare.register(r'items', Items)\n\
         api = NinjaAPI()\napi.add_router('/events/', there)\n@api.get('/add')\ndef add(request): pass\n\
         urlpatterns = [path('api/', include(router.urls)), path('n/', api.urls)] + bare.urls\n"
    );
    let views =
        "from ninja import Router\nrouter = Router()\n@router.get('/')\ndef all(request): pass\n";
    assert_eq!(
        routes(&[("shop/urls.py", &urls), ("shop/views.py", views)]),
        [
            "* /api/users/ ?",
            "* /items ?",
            "GET /n/add",
            "GET /n/events/"
        ]
    );
}

#[test]
fn blueprints_are_registered() {
    let factory = "from flask import Flask\ndef create_app():\n  app = Flask(__name__)\n  from app.api import bp as api_bp\n  app.register_blueprint(api_bp, url_prefix='/api')\n\
         \x20 from app.auth import bp as auth_bp\n  app.register_blueprint(auth_bp)\n  from app import plain\n  for bp in (plain.a, plain.b):\n    app.register_blueprint(bp)\n\
         \x20 @app.route('/index')\n  def index(): pass\n  return app\n";
    let api = "from flask import Blueprint\nbp = Blueprint('api', __name__, url_prefix='/own')\nfrom app.nested import child\nbp.register_blueprint(child)\nfrom app.api import users\n";
    let users = "from app.api import bp\n@bp.route('/users')\ndef users(): pass\n@bp.post('/users')\ndef make(): pass\n";
    let nested = "from flask import Blueprint\nchild = Blueprint('c', __name__, url_prefix='/child')\n@child.get('/')\ndef c(): pass\n";
    let auth = "from flask import Blueprint\nbp = Blueprint('auth', __name__, url_prefix='/auth')\n@bp.get('/login')\ndef login(): pass\nbp.add_url_rule('/rule', view_func=login)\n";
    let plain = "from flask import Blueprint\na = Blueprint('a', __name__)\nb = Blueprint('b', __name__, url_prefix='/b')\nlost = Blueprint('l', __name__, url_prefix='/l')\n\
         @a.get('/a')\ndef f(): pass\n@b.get('/x')\ndef g(): pass\n@lost.get('/lost')\ndef h(): pass\n";
    assert_eq!(
        routes(&[
            ("app/__init__.py", factory),
            ("app/api/__init__.py", api),
            ("app/api/users.py", users),
            ("app/nested.py", nested),
            ("app/auth.py", auth),
            ("app/plain.py", plain),
        ]),
        [
            "* /api/users",
            "* /auth/rule",
            "GET /a",
            "GET /api/child/",
            "GET /auth/login",
            "GET /b/x",
            "GET /index",
            "GET /l/lost ?",
            "POST /api/users"
        ]
    );
}

#[test]
fn routers_are_included() {
    let main = "from fastapi import FastAPI\nfrom .api import router as api_router\nfrom .config import settings\nfrom .health import make_router\nimport os\n\
         def get_app() -> FastAPI:\n  app = FastAPI()\n  app.include_router(api_router, prefix=settings.PREFIX)\n  app.include_router(make_router(), prefix='/health')\n  return app\n\
         app = get_app()\n@app.get('/root')\ndef root(): pass\nadmin = FastAPI()\napp.mount('/admin', admin)\n@admin.get('/users')\ndef users(): pass\n";
    let config = "class Config:\n  PREFIX = '/v1'\nsettings = Config()\n";
    let api = "from fastapi import APIRouter\nfrom . import items, users\nrouter = APIRouter(prefix='/api')\nrouter.include_router(items.router)\n\
         for one in [users.router]:\n  router.include_router(one, prefix=BASE + '/u')\nBASE = '/base'\n";
    let items = "from fastapi import APIRouter\nrouter = APIRouter(prefix='/items')\n@router.get('')\ndef all(): pass\n@router.get('/{id}')\ndef one(): pass\n";
    let users =
        "from fastapi import APIRouter\nrouter = APIRouter()\n@router.get('/me')\ndef me(): pass\n";
    let health = "from fastapi import APIRouter\ndef make_router():\n  router = APIRouter()\n  @router.get('')\n  def check(): return {}\n  return router\n";
    let files = [
        ("app/main.py", main),
        ("app/config.py", config),
        ("app/api/__init__.py", api),
        ("app/api/items.py", items),
        ("app/api/users.py", users),
        ("app/health.py", health),
    ];
    assert_eq!(
        routes(&files),
        [
            "GET /admin/users",
            "GET /health",
            "GET /root",
            "GET /v1/api/base/u/me",
            "GET /v1/api/items",
            "GET /v1/api/items/{id}",
        ]
    );
    let (facts, _) = read_all(&files);
    let health: Vec<_> = facts.health.iter().map(|one| one.path.as_deref()).collect();
    assert_eq!(health, [Some("/health")]);
}

#[test]
fn prefixes_that_the_environment_may_set_are_not_certain() {
    let main = "import os\nfrom fastapi import FastAPI\nfrom settings import get_settings\nfrom users import router\napp = FastAPI()\n\
         app.include_router(router, prefix=os.environ.get('PREFIX', '/env'))\napp.include_router(router, prefix=get_settings().api_prefix)\napp.include_router(router, prefix=made())\n";
    let settings = "from pydantic_settings import BaseSettings\nclass Settings(BaseSettings):\n  api_prefix: str = '/set'\ndef get_settings():\n  return all[0]()\n";
    let users =
        "from fastapi import APIRouter\nrouter = APIRouter()\n@router.get('/me')\ndef me(): pass\n";
    assert_eq!(
        routes(&[
            ("main.py", main),
            ("settings.py", settings),
            ("users.py", users)
        ]),
        ["GET /env/me ?", "GET /me ?", "GET /set/me ?"]
    );
}

#[test]
fn tables_of_routes_are_mounted() {
    let starlette = "from starlette.applications import Starlette\nfrom starlette.routing import Mount, Route\n\
         users = [Route('/me', me)]\nroutes = [Route('/', home), Mount('/api', routes=[Route('/a', a), Mount('/users', routes=users)]), Mount('/static', app=StaticFiles())]\n\
         app = Starlette(routes=routes)\n";
    assert_eq!(
        routes(&[("main.py", starlette)]),
        ["* /", "* /api/a", "* /api/users/me"]
    );
    let aiohttp = "from aiohttp import web\nroutes = web.RouteTableDef()\n@routes.get('/t')\nasync def t(request): pass\n\
         def main():\n  app = web.Application()\n  app.add_routes(routes)\n  app.add_routes([web.get('/l', t)])\n  app.router.add_get('/g', t)\n\
         \x20 sub = web.Application()\n  sub.router.add_get('/s', t)\n  app.add_subapp('/sub/', sub)\n  web.run_app(app)\n";
    assert_eq!(
        routes(&[("main.py", aiohttp)]),
        ["GET /g", "GET /l", "GET /sub/s", "GET /t"]
    );
}

#[test]
fn routers_of_objects_and_parameters() {
    let text = "from flask import Flask, Blueprint\nfrom fastapi import FastAPI\nclass Server:\n  def __init__(self, app):\n    self.app = app\n    self.api = FastAPI()\n\
         \x20   self.app.add_api_route('/a', f)\n    self.api.add_api_route('/b', f)\n    self.other.add_api_route('/c', f)\n\
         def more(api: FastAPI, router):\n  @api.get('/d')\n  def d(): pass\n  @router.get('/e')\n  def e(): pass\n";
    assert_eq!(
        routes(&[("main.py", text)]),
        ["* /a", "* /b", "* /c ?", "GET /d", "GET /e ?"]
    );
}

#[test]
fn rings_and_crowds_of_routers_have_an_end() {
    let ring = "from fastapi import APIRouter\na = APIRouter(prefix='/a')\nb = APIRouter(prefix='/b')\na.include_router(b)\nb.include_router(a)\na.include_router(a)\n\
         @a.get('/x')\ndef x(): pass\n@b.get('/y')\ndef y(): pass\n";
    let found = routes(&[("main.py", ring)]);
    assert!(
        found.len() == 2 && found.iter().all(|one| one.ends_with('?')),
        "{found:?}"
    );
    let mut crowd = String::from("from fastapi import APIRouter, FastAPI\napp = r0 = FastAPI()\n");
    for level in 1..40 {
        let above = level - 1;
        crowd += &format!("r{level} = APIRouter()\n");
        for number in 0..40 {
            crowd += &format!("r{above}.include_router(r{level}, prefix='/n{number}')\n");
        }
    }
    crowd += "@r39.get('/x')\ndef x(): pass\n";
    let found = routes(&[("main.py", &crowd)]);
    assert!((1..=16).contains(&found.len()), "{}", found.len());
    let long = format!(
        "from fastapi import APIRouter, FastAPI\napp = FastAPI()\nr = APIRouter()\napp.include_router(r, prefix='/{}')\n@r.get('/x')\ndef x(): pass\n",
        "n".repeat(5_000)
    );
    assert_eq!(routes(&[("main.py", &long)]), ["GET /x ?"]);
    let again = "from b import router\n@router.get('/x')\ndef x(): pass\n";
    let other = "from a import router\n";
    assert_eq!(routes(&[("a.py", again), ("b.py", other)]), ["GET /x ?"]);
}
