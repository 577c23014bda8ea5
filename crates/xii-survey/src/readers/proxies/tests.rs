use proptest::prelude::*;

use super::{CADDY, HAPROXY, NGINX, SUPERVISOR, UWSGI};
use crate::readers::read_text;

#[test]
fn nginx_blocks_are_read() {
    let text = "# ip_hash;\nupstream app {\n  ip_hash; # sticky\n  server app:${PORT};\n}\nserver {\n  listen 443 ssl;\n  ssl_certificate /etc/cert.pem;\n  add_header Strict-Transport-Security \"max-age=31536000; includeSubDomains\" always;\n  location ~ \\.php$ { fastcgi_pass unix:/run/php.sock; }\n  location / { proxy_pass http://app; }\n}\nserver { listen 80; return 301 https://$host$request_uri; }\n";
    insta::assert_debug_snapshot!(read_text(&NGINX, "docker/nginx.conf", text).lines());
    let facts = read_text(&NGINX, "nginx/default.conf", "server { listen 80; }\n}\n");
    assert_eq!((facts.proxy_settings.len(), facts.unread.len()), (1, 1));
    for (path, yes) in [
        ("nginx/default.conf.template", true),
        ("etc/nginx/sites-available/shop", true),
        ("app.conf", false),
        ("nginx/README.md", false),
    ] {
        assert_eq!((NGINX.recognises)(path), yes, "{path}");
    }
}

#[test]
fn haproxy_and_caddy_are_read() {
    let haproxy = "global\n  daemon # no\nfrontend in\n  bind *:443 ssl crt /etc/c.pem\n  redirect scheme https if !{ ssl_fc }\nbackend app\n  balance roundrobin\n  cookie SRV insert indirect nocache\n  server a 10.0.0.1:80 check cookie a\n";
    insta::assert_debug_snapshot!(read_text(&HAPROXY, "haproxy.cfg", haproxy).lines());
    let caddy = "{\n  email a@example.org\n}\nshop.example.org {\n  # reverse_proxy no\n  reverse_proxy web:{$PORT} {\n    lb_policy cookie\n  }\n  header Strict-Transport-Security \"max-age=1\"\n}\n";
    insta::assert_debug_snapshot!(read_text(&CADDY, "Caddyfile", caddy).lines());
}

#[test]
fn supervisor_and_uwsgi_are_read() {
    let supervisor = "[supervisord]\nnodaemon=true\npidfile=/run/s.pid\n[program:web]\ncommand=gunicorn app:app ; main\nstdout_logfile=/dev/stdout\nstderr_logfile=/var/log/web.err\nenvironment=API_TOKEN=\"hunter2hunter2\"\n";
    insta::assert_debug_snapshot!(read_text(&SUPERVISOR, "supervisord.conf", supervisor).lines());
    let uwsgi = "[uwsgi]\nhttp = 0.0.0.0:$(PORT)\nmodule = shop.wsgi\ndaemonize = /var/log/uwsgi.log\npidfile = /tmp/u.pid\ndie-on-term = true\nenv = A=b\n";
    insta::assert_debug_snapshot!(read_text(&UWSGI, "etc/uwsgi.ini", uwsgi).lines());
    assert_eq!(read_text(&UWSGI, "uwsgi.ini", "[uwsgi\n").unread.len(), 1);
}

proptest! {
    #[test]
    fn any_text_is_read_without_panic(text in any::<String>()) {
        read_text(&NGINX, "nginx.conf", &text);
        read_text(&HAPROXY, "haproxy.cfg", &text);
        read_text(&CADDY, "Caddyfile", &text);
        read_text(&SUPERVISOR, "supervisord.conf", &text);
        read_text(&UWSGI, "uwsgi.ini", &text);
    }

    #[test]
    fn any_directives_are_read_without_panic(text in "(server|listen|\\{|\\}|;|\"|'|\\$|#|\\\\|\n| |é|bind|tls){0,40}") {
        read_text(&NGINX, "nginx.conf", &text);
        read_text(&HAPROXY, "haproxy.cfg", &text);
        read_text(&CADDY, "Caddyfile", &text);
    }
}
