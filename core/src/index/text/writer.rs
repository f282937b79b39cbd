//! Writing sealed blocks.

use tantivy::directory::RamDirectory;
use tantivy::schema::{IndexRecordOption, Schema, TextFieldIndexing, TextOptions};
use tantivy::tokenizer::{PreTokenizedString, Token};
use tantivy::{IndexBuilder, SingleSegmentIndexWriter, TantivyDocument};

use super::document::weight_at;
use super::sealed::{STEMS, Sealed, unreadable};
use super::settings::TextSettings;
use crate::model::Result;

/// Sizes the writer's first hash table only; it grows as it must.
const WRITER_BYTES: usize = 15_000_000;

/// Takes documents one after the other and makes a [`Sealed`] of them.
pub struct SealedWriter {
    writer: SingleSegmentIndexWriter,
    directory: RamDirectory,
    stems: tantivy::schema::Field,
}

impl SealedWriter {
    /// A writer without documents.
    pub fn new() -> Result<Self> {
        let mut schema = Schema::builder();
        let indexing = TextFieldIndexing::default()
            .set_index_option(IndexRecordOption::WithFreqsAndPositions)
            .set_fieldnorms(false);
        let stems =
            schema.add_text_field(STEMS, TextOptions::default().set_indexing_options(indexing));
        let directory = RamDirectory::create();
        let writer = IndexBuilder::new()
            .schema(schema.build())
            .single_segment_index_writer(directory.clone(), WRITER_BYTES)
            .map_err(unreadable)?;
        Ok(Self { writer, directory, stems })
    }

    /// Adds the next document as its occurrences, in any order.
    ///
    /// Each is written as often as its field weighs, so that the segment's frequencies are the
    /// weighted ones.
    pub fn add<'o>(
        &mut self,
        settings: &TextSettings,
        occurrences: impl IntoIterator<Item = (&'o str, u32)>,
    ) -> Result<()> {
        let mut occurrences: Vec<(&str, u32)> = occurrences.into_iter().collect();
        // The recorder stores differences, so positions ascend.
        occurrences.sort_unstable_by_key(|&(_, position)| position);
        let mut tokens = Vec::with_capacity(occurrences.len() * 2);
        for (stem, position) in occurrences {
            for _ in 0..weight_at(settings, position) {
                tokens.push(Token {
                    position: position as usize,
                    text: stem.to_owned(),
                    ..Token::default()
                });
            }
        }
        let mut document = TantivyDocument::default();
        if !tokens.is_empty() {
            let text = PreTokenizedString { text: String::new(), tokens };
            document.add_pre_tokenized_text(self.stems, text);
        }
        self.writer.add_document(document).map_err(unreadable)
    }

    /// The finished segment.
    pub fn finish(self) -> Result<Sealed> {
        let index = self.writer.finalize().map_err(unreadable)?;
        Sealed::open(&index, &self.directory).map_err(unreadable)
    }
}
