//! Following a real PostgreSQL: loads, changes of every kind, a server that goes away, and rows that are wrong.

mod bars;
mod chaos;
mod cluster;
mod events;
mod follow;
mod joined;
mod kills;
mod kinds;
mod light;
mod market;
mod password;
mod pool;
mod replica;
mod resume;
mod roles;
mod slots;
mod writer;
