//! Following a real PostgreSQL: loads, changes of every kind, a server that goes away, and rows that are wrong.

mod cluster;
mod follow;
mod market;
mod resume;
mod roles;
