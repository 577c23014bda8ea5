//! stub
use std::net::SocketAddr;
use xii_model::Instance;
#[derive(Debug, Clone)]
pub struct RouterHandle;
#[derive(Debug, Clone)]
pub struct Backend {
    pub id: u64,
    pub instance: Instance,
    pub address: SocketAddr,
}
impl RouterHandle {
    pub fn set_backends(&self, _: Vec<Backend>) {}
    pub async fn drain(&self, _: u64) {}
    pub fn outstanding(&self, _: u64) -> u64 {
        0
    }
    pub fn address(&self) -> SocketAddr {
        ([0, 0, 0, 0], 0).into()
    }
}
