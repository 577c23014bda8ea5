//! A server to run, and a client that asks it one thing and no more.

use std::io::{Read, Write};
use std::net::TcpStream;

use crate::harness::DEADLINE;

/// Listens on PORT and answers every GET with its process id: `/health` with 500 while there is a file
/// `sick`, `/live` while there is a file `dead`, which a new start takes away; `/slow` once there is a file
/// `release`.
pub(crate) const SERVER: &str = r#"
import http.server, os, time

class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.path == "/slow":
            print("slow begun", flush=True)
            while not os.path.exists("release"):
                time.sleep(0.01)
        sick = {"/health": "sick", "/live": "dead"}.get(self.path, "none")
        status = 500 if os.path.exists(sick) else 200
        if sick != "none":
            print("unwell" if status == 500 else "well", flush=True)
        body = str(os.getpid()).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass

class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 128

if os.path.exists("dead"):
    os.remove("dead")
Server(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
"#;

/// The status and the body of the answer to a GET, on a connection of its own; an error in words.
pub(crate) fn get(port: u16, path: &str) -> Result<(u16, String), String> {
    let mut answer = String::new();
    let mut ask = || {
        let mut stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_read_timeout(Some(DEADLINE))?;
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        )?;
        stream.read_to_string(&mut answer)
    };
    ask().map_err(|error| format!("{error}, after {answer:?}"))?;
    let (head, body) = answer
        .split_once("\r\n\r\n")
        .ok_or_else(|| format!("no whole head: {answer:?}"))?;
    let status = head.split(' ').nth(1).and_then(|text| text.parse().ok());
    let status = status.ok_or_else(|| format!("no status: {head:?}"))?;
    Ok((status, body.to_owned()))
}
