//! Sockets.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream, UdpSocket};
use std::process::Stdio;

use xii_model::{Address, Deed};
use xii_witness::Options;

use crate::harness::{LONG, end, python, stage};

#[test]
fn a_server_is_told_with_the_port_that_it_really_has_before_it_answers() {
    let test = "a_server_is_told_with_the_port_that_it_really_has_before_it_answers";
    let (Some((watch, folder, path)), Some(python)) = (stage(test), python(test)) else {
        return;
    };
    let script = "import socket\n\
        server = socket.socket()\n\
        server.bind(('127.0.0.1', 0))\n\
        server.listen()\n\
        print(server.getsockname()[1], flush=True)\n\
        peer, _ = server.accept()\n\
        peer.recv(1)\n\
        open('written', 'w').close()\n\
        peer.sendall(b'y')\n\
        peer.recv(1)";
    let mut command = watch.command("web.1", &Options::default(), &[python, "-c", script]);
    let command = command.current_dir(folder.path()).stdout(Stdio::piped());
    let mut child = command.spawn().expect("it starts");
    let mut out = child.stdout.take().expect("a pipe");
    let mut port = Vec::new();
    let mut byte = [0];
    while out.read(&mut byte).expect("it lives") == 1 && byte != *b"\n" {
        port.push(byte[0]);
    }
    let port: u16 = String::from_utf8(port)
        .expect("digits")
        .parse()
        .expect("a port");
    let has = |deed: &Deed| watch.seen().iter().any(|seen| seen.act.deed == *deed);
    let address = |port| Address::Tcp((Ipv4Addr::LOCALHOST, port).into());
    assert!(has(&Deed::Bound {
        address: address(0)
    }));
    assert!(
        has(&Deed::Listening {
            address: address(port)
        }),
        "{:?}",
        watch.seen()
    );

    let mut peer = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).expect("it listens");
    peer.set_read_timeout(Some(LONG)).expect("a time");
    peer.write_all(b"x").expect("it reads");
    peer.read_exact(&mut byte).expect("it answers");
    let told = watch.seen();
    let written = format!("made or emptied {path}/written");
    assert!(told.iter().any(|seen| seen.act.deed.to_string() == written));
    drop(peer);
    assert!(end(&mut child).success());
}

#[test]
fn connections_are_told_whether_they_succeed_or_not() {
    let test = "connections_are_told_whether_they_succeed_or_not";
    let (Some((watch, folder, path)), Some(python)) = (stage(test), python(test)) else {
        return;
    };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let open = listener.local_addr().expect("an address").port();
    let script = format!(
        "import socket\n\
         def attempt(family, kind, address):\n\
         \x20   one = socket.socket(family, kind)\n\
         \x20   one.settimeout(10)\n\
         \x20   try: one.connect(address)\n\
         \x20   except OSError: pass\n\
         attempt(socket.AF_INET, socket.SOCK_STREAM, ('127.0.0.1', {open}))\n\
         attempt(socket.AF_INET, socket.SOCK_STREAM, ('127.0.0.1', 1))\n\
         attempt(socket.AF_INET, socket.SOCK_DGRAM, ('127.0.0.1', 2))\n\
         attempt(socket.AF_UNIX, socket.SOCK_STREAM, 'no.sock')\n\
         attempt(socket.AF_UNIX, socket.SOCK_STREAM, '\\0hidden')\n\
         if socket.has_ipv6:\n\
         \x20   attempt(socket.AF_INET6, socket.SOCK_STREAM, ('::ffff:127.0.0.1', 3))"
    );
    let ran = watch.run(folder.path(), &[python, "-c", &script]);
    assert!(ran.status.success());
    ran.has(&format!("connected to tcp 127.0.0.1:{open}"));
    ran.has("connected to tcp 127.0.0.1:1");
    ran.has("connected to udp 127.0.0.1:2");
    ran.has(&format!("connected to unix {path}/no.sock"));
    ran.has("connected to unix @hidden");
    ran.has("connected to tcp 127.0.0.1:3");
}

#[test]
fn unix_sockets_are_told_by_path_and_by_name() {
    let test = "unix_sockets_are_told_by_path_and_by_name";
    let (Some((watch, folder, path)), Some(python)) = (stage(test), python(test)) else {
        return;
    };
    let script = "import os, socket\n\
        one = socket.socket(socket.AF_UNIX)\n\
        one.bind('notanumber')\n\
        one.listen()\n\
        two = socket.socket(socket.AF_UNIX)\n\
        two.bind(f'\\0xii-test-{os.getpid()}')\n\
        two.listen()";
    let ran = watch.run(folder.path(), &[python, "-c", script]);
    assert!(ran.status.success());
    let pid = ran.pid;
    ran.has(&format!("bound unix {path}/notanumber"));
    ran.has(&format!("listens on unix {path}/notanumber"));
    ran.has(&format!("bound unix @xii-test-{pid}"));
    ran.has(&format!("listens on unix @xii-test-{pid}"));
}

#[test]
fn datagrams_are_told_by_their_address_once_in_a_while() {
    let test = "datagrams_are_told_by_their_address_once_in_a_while";
    let (Some((watch, folder, _)), Some(python)) = (stage(test), python(test)) else {
        return;
    };
    let sink = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let port = sink.local_addr().expect("an address").port();
    let script = format!(
        "import socket, time\n\
         one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n\
         begun = time.monotonic()\n\
         for at in range(1000):\n\
         \x20   one.sendto(b'x', ('127.0.0.1', {port}))\n\
         \x20   one.sendmsg([b'x'], [], 0, ('127.0.0.1', {port}))\n\
         one.sendmsg([b'x'], [], 0, ('127.0.0.1', 9))\n\
         one.connect(('127.0.0.1', {port}))\n\
         one.sendmsg([b'x'])\n\
         one.send(b'x')\n\
         print(int(time.monotonic() - begun))"
    );
    let ran = watch.run(folder.path(), &[python, "-c", &script]);
    assert!(ran.status.success());
    let to_it = format!("connected to udp 127.0.0.1:{port}");
    let told = ran.deeds().iter().filter(|deed| **deed == to_it).count();
    // Once a second, and the connection besides.
    assert!((2..=LONG.as_secs() as usize).contains(&told), "{told}");
    ran.has("connected to udp 127.0.0.1:9");
    assert_eq!(watch.witness.lost(), 0);
}

#[test]
fn a_stream_of_sent_messages_is_no_deed() {
    let test = "a_stream_of_sent_messages_is_no_deed";
    let (Some((watch, folder, _)), Some(python)) = (stage(test), python(test)) else {
        return;
    };
    let script = "import socket\n\
        one, two = socket.socketpair()\n\
        for at in range(1000):\n\
        \x20   one.sendmsg([b'x']); two.recv(1)";
    let ran = watch.run(folder.path(), &[python, "-c", script]);
    assert!(ran.status.success());
    ran.has_none("connected");
    assert_eq!(watch.witness.lost(), 0);
}
