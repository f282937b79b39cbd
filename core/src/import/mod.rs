//! Profiles and embeddings from files, read as a stream: what is held in memory at once is one record.
//!
//! [`Records`] reads `.jsonl`, `.jsonl.gz`, `.csv`, `.csv.gz`, `.parquet` and standard input;
//! [`Embeddings`] reads `.f32` and `.npy`. Row *i* of the embeddings belongs to record *i*, and a record
//! that is rejected uses up its row, so both are advanced together:
//!
//! ```no_run
//! use shortlist::Schema;
//! use shortlist::import::{Embeddings, Records};
//!
//! let mut records = Records::open("advisors.jsonl", Schema::default())?;
//! let mut embeddings = Embeddings::open("advisors.f32", Some(384))?;
//! let mut count = 0;
//! for record in &mut records {
//!     count += 1;
//!     let embedding = embeddings.next().transpose()?;
//!     match record {
//!         Ok((_line, mut profile)) => profile.embedding = embedding,
//!         Err(rejected) => eprintln!("{rejected}"),
//!     }
//! }
//! embeddings.check_count(count)?;
//! # Ok::<(), shortlist::Error>(())
//! ```

mod csv_rows;
mod embeddings;
mod lines;
mod npy;
mod parquet_rows;
mod records;
#[cfg(test)]
mod tests;

pub use embeddings::Embeddings;
pub use lines::{LINE_BYTES, Lines};
pub use records::{Records, Rejected};
