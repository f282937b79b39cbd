//! How the words of an index are brought to stems.

use super::{Error, Result};

macro_rules! languages {
    ($($language:ident = $name:literal),* $(,)?) => {
        /// How words are brought to stems.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum Language {
            /// Words are only folded; there are no stop words.
            None,
            /// Snowball English and Lucene's 33 stop words.
            #[default]
            English,
            $(#[doc = concat!("Snowball stemming of this language (`", $name, "`); no stop words.")] $language,)*
        }

        impl Language {
            /// The language of this name (`english`, `none`, `german`, ...).
            ///
            /// # Errors
            /// [`Error::OutOfRange`] for a name that is no language.
            pub fn named(name: &str) -> Result<Self> {
                match name {
                    "none" => Ok(Language::None),
                    "english" => Ok(Language::English),
                    $($name => Ok(Language::$language),)*
                    _ => Err(Error::OutOfRange {
                        field: "language".into(),
                        value: name.chars().take(32).collect(),
                        expected: concat!("one of none, english" $(, ", ", $name)*).into(),
                    }),
                }
            }

            /// The language's name, as [`Language::named`] takes it.
            pub fn name(self) -> &'static str {
                match self {
                    Language::None => "none",
                    Language::English => "english",
                    $(Language::$language => $name,)*
                }
            }
        }
    };
}

languages! {
    Arabic = "arabic", Danish = "danish", Dutch = "dutch", Finnish = "finnish", French = "french",
    German = "german", Greek = "greek", Hungarian = "hungarian", Italian = "italian",
    Norwegian = "norwegian", Portuguese = "portuguese", Romanian = "romanian",
    Russian = "russian", Spanish = "spanish", Swedish = "swedish", Tamil = "tamil",
    Turkish = "turkish",
}
