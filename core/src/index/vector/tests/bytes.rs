//! Bytes give back the same index, and wrong bytes give an error.
