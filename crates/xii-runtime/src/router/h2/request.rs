//! A stream's request, written as HTTP/1.1.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;

use hyper::body::{Body, Incoming};
use hyper::header::{CONTENT_LENGTH, COOKIE, EXPECT, HOST, HeaderMap};
use hyper::http::request::Parts;
use tokio::io::{AsyncWrite, AsyncWriteExt};

/// Writes the head. What HTTP/2 allows in names and values has no line ends, so it stays one head.
pub(super) fn head(parts: &Parts, chunked: bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(512);
    let mut push = |pieces: &[&[u8]]| pieces.iter().for_each(|piece| out.extend_from_slice(piece));
    let authority = parts.uri.authority().map(|it| it.as_str());
    let target = match parts.uri.path_and_query() {
        Some(target) => target.as_str(),
        // CONNECT, which has none, and is refused for what it is.
        None => authority.unwrap_or("/"),
    };
    push(&[
        parts.method.as_str().as_bytes(),
        b" ",
        target.as_bytes(),
        b" HTTP/1.1\r\n",
    ]);
    if let Some(authority) = authority {
        push(&[b"host: ", authority.as_bytes(), b"\r\n"]);
    }
    for (name, value) in &parts.headers {
        // RFC 9113, 8.3.1: the authority is what the request is for. The wait for leave to send a body has
        // no use where streams do not wait for each other.
        let passes = match *name {
            HOST => authority.is_none(),
            EXPECT | COOKIE => false,
            CONTENT_LENGTH => !chunked,
            _ => true,
        };
        if passes {
            push(&[name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"]);
        }
    }
    // RFC 9113, 8.2.3: HTTP/1.1 has one line of cookies.
    for (at, cookie) in parts.headers.get_all(COOKIE).iter().enumerate() {
        push(&[if at == 0 { b"cookie: " } else { b"; " }, cookie.as_bytes()]);
    }
    if parts.headers.contains_key(COOKIE) {
        push(&[b"\r\n"]);
    }
    if chunked {
        push(&[b"transfer-encoding: chunked\r\n"]);
    }
    push(&[b"\r\n"]);
    out
}

/// Writes the body while it comes, in chunks if it has no length. One that breaks off closes the pipe, so
/// that it cannot be taken for whole.
pub(super) async fn body<W: AsyncWrite + Unpin>(mut body: Incoming, chunked: bool, mut to: W) {
    if pump(&mut body, chunked, &mut to).await.is_err() {
        // Whoever reads may have gone.
        let _ = to.shutdown().await;
    }
}

async fn pump<W: AsyncWrite + Unpin>(
    body: &mut Incoming,
    chunked: bool,
    to: &mut W,
) -> io::Result<()> {
    let mut trailers = HeaderMap::new();
    while let Some(frame) = poll_fn(|cx| Pin::new(&mut *body).poll_frame(cx)).await {
        let frame = frame.map_err(io::Error::other)?;
        match frame.into_data() {
            Ok(data) if data.is_empty() => {}
            Ok(data) if chunked => {
                let size = format!("{:x}\r\n", data.len());
                to.write_all(size.as_bytes()).await?;
                to.write_all(&data).await?;
                to.write_all(b"\r\n").await?;
            }
            Ok(data) => to.write_all(&data).await?,
            Err(frame) => {
                if let Ok(more) = frame.into_trailers() {
                    trailers.extend(more);
                }
            }
        }
    }
    if chunked {
        let mut end = b"0\r\n".to_vec();
        for (name, value) in &trailers {
            for piece in [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"] {
                end.extend_from_slice(piece);
            }
        }
        end.extend_from_slice(b"\r\n");
        to.write_all(&end).await?;
    }
    Ok(())
}
