//! Export requests, as exporters write them.

/// A length-delimited field of Protocol Buffers.
pub fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    let mut to = vec![number << 3 | 2];
    let mut length = bytes.len();
    while length > 0x7f {
        to.push(0x80 | (length & 0x7f) as u8);
        length >>= 7;
    }
    to.push(length as u8);
    to.extend_from_slice(bytes);
    to
}

/// A number of variable length, below 128.
pub fn number(field: u8, value: u8) -> Vec<u8> {
    vec![field << 3, value]
}

/// A span with these ids, and fields beside those that are read.
pub fn span(trace: &[u8], id: &[u8], parent: &[u8], name: &str, kind: u8) -> Vec<u8> {
    let start = [&[7 << 3 | 1][..], &[9; 8]].concat();
    let attribute = field(
        9,
        &[field(1, b"http.route"), field(2, &field(1, b"/"))].concat(),
    );
    [
        field(1, trace),
        field(2, id),
        field(4, parent),
        field(5, name.as_bytes()),
        number(6, kind),
        start,
        attribute,
    ]
    .concat()
}

/// A request with these items in one scope of one resource.
pub fn request(service: &str, scope: &str, items: &[Vec<u8>]) -> Vec<u8> {
    let attribute = |key: &str, value: &str| {
        let value = field(2, &field(1, value.as_bytes()));
        field(1, &[field(1, key.as_bytes()), value].concat())
    };
    let resource = [
        attribute("process.runtime.name", "test"),
        attribute("service.name", service),
    ]
    .concat();
    let items: Vec<u8> = items.iter().flat_map(|item| field(2, item)).collect();
    // The description may come after what it describes.
    let scope = [items, field(1, &field(1, scope.as_bytes()))].concat();
    field(1, &[field(2, &scope), field(1, &resource)].concat())
}

/// A span of every kind of place: with a parent, without one, without a valid id.
pub fn three() -> Vec<u8> {
    let spans = [
        span(&[0xab; 16], &[1; 8], &[], "GET /", 2),
        span(&[0xab; 16], &[2; 8], &[1; 8], "SELECT", 3),
        span(&[0; 16], &[3; 8], &[], "of no trace", 1),
    ];
    request("shop", "http-library", &spans)
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut to = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    to.write_all(bytes).expect("memory takes it");
    to.finish().expect("memory takes it")
}
