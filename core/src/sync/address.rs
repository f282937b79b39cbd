//! Where a Postgres is and how to speak to it: a URL, with the password from wherever the user keeps it.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use postgres::Config;
use postgres::config::{Host, SslMode};

use super::failure::refused;
use crate::model::{Error, Result};

/// How far the connection is encrypted, and the server's certificate checked: the modes of libpq.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Tls {
    /// Never.
    Disable,
    /// Where the server can; its certificate is not checked.
    Prefer,
    /// Always; its certificate is not checked.
    Require,
    /// Always; its certificate must be of a known authority and name the host. None: the system's authorities.
    VerifyFull(Option<PathBuf>),
}

/// A parsed URL. Its `Debug` and `Display` never show the password.
#[derive(Clone)]
pub(super) struct Address {
    pub(super) config: Config,
    pub(super) tls: Tls,
    /// The schema that Prisma's `?schema=` names.
    pub(super) schema: Option<String>,
    /// Whether a pool in transaction mode stands between, as Prisma's `?pgbouncer=true` says: no LISTEN then.
    pub(super) pooled: bool,
}

/// Parameters of other clients' URLs that say nothing to this one.
const OTHERS: &[&str] = &[
    "connection_limit",
    "pool_timeout",
    "socket_timeout",
    "statement_cache_size",
    "sslidentity",
    "sslpassword",
    "sslaccept",
];

impl Address {
    /// Reads `postgres://user:password@host:port/database?sslmode=...`. A password that it lacks comes from
    /// `PGPASSWORD`, or else from `PGPASSFILE` or `~/.pgpass`.
    pub(super) fn parse(url: &str) -> Result<Self> {
        if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
            // What it is instead may be a password: it is not shown.
            return Err(wrong("it does not begin with postgres://"));
        }
        let (base, query) = url.split_once('?').unwrap_or((url, ""));
        let mut kept = Vec::new();
        let (mut mode, mut root) = (String::new(), None);
        let (mut schema, mut pooled) = (None, false);
        for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            match name {
                "sslmode" => value.clone_into(&mut mode),
                "sslrootcert" => root = Some(PathBuf::from(unescaped(value))),
                "schema" => schema = Some(unescaped(value)),
                "pgbouncer" => pooled = value == "true",
                name if OTHERS.contains(&name) => {}
                _ => kept.push(parameter),
            }
        }
        let rest =
            if kept.is_empty() { base.to_owned() } else { format!("{base}?{}", kept.join("&")) };
        let mut config: Config =
            rest.parse().map_err(|error: postgres::Error| wrong(&reason(&error)))?;
        let tls = match mode.as_str() {
            "disable" => Tls::Disable,
            "" | "prefer" | "allow" => Tls::Prefer,
            "require" => Tls::Require,
            "verify-full" => Tls::VerifyFull(root),
            other => {
                return Err(Error::OutOfRange {
                    field: "url.sslmode".to_owned(),
                    value: crate::model::error::shown(other),
                    expected: "disable, prefer, require or verify-full".to_owned(),
                });
            }
        };
        config.ssl_mode(match tls {
            Tls::Disable => SslMode::Disable,
            Tls::Prefer => SslMode::Prefer,
            Tls::Require | Tls::VerifyFull(_) => SslMode::Require,
        });
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(Duration::from_secs(10));
        }
        if config.get_application_name().is_none() {
            config.application_name("shortlist");
        }
        // A server that vanished without a word is noticed within half a minute.
        config.keepalives_idle(Duration::from_secs(15)).keepalives_interval(Duration::from_secs(5));
        config.keepalives_retries(3).tcp_user_timeout(Duration::from_secs(30));
        let mut address = Self { config, tls, schema, pooled };
        if address.config.get_hosts().is_empty() {
            address.config.host("localhost");
        }
        if address.config.get_password().is_none()
            && let Some(password) = address.kept_password()
        {
            address.config.password(password);
        }
        Ok(address)
    }

    fn kept_password(&self) -> Option<String> {
        if let Ok(password) = std::env::var("PGPASSWORD") {
            return Some(password);
        }
        let file = std::env::var_os("PGPASSFILE")
            .map(PathBuf::from)
            .or_else(|| std::env::var_os("HOME").map(|home| Path::new(&home).join(".pgpass")))?;
        // As libpq does, a file that others can read is passed over.
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            if std::fs::metadata(&file).ok()?.permissions().mode() & 0o077 != 0 {
                return None;
            }
        }
        let host = match self.config.get_hosts().first()? {
            Host::Tcp(host) => host.clone(),
            #[cfg(unix)]
            Host::Unix(_) => "localhost".to_owned(),
        };
        let port = self.config.get_ports().first().copied().unwrap_or(5432).to_string();
        let user = self.config.get_user().unwrap_or_default();
        let database = self.config.get_dbname().unwrap_or(user);
        let asked = [host.as_str(), &port, database, user];
        password_of(&std::fs::read_to_string(file).ok()?, asked)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = match self.config.get_hosts().first() {
            Some(Host::Tcp(host)) => host.clone(),
            #[cfg(unix)]
            Some(Host::Unix(path)) => path.display().to_string(),
            None => String::new(),
        };
        let port = self.config.get_ports().first().copied().unwrap_or(5432);
        write!(f, "{host}:{port}/{}", self.config.get_dbname().unwrap_or_default())
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({self})")
    }
}

/// The password of the first line that fits host, port, database and user.
fn password_of(file: &str, asked: [&str; 4]) -> Option<String> {
    file.lines().filter(|line| !line.starts_with('#')).find_map(|line| {
        let parts = parts_of(line);
        let [host, port, database, user, password] = parts.as_slice() else { return None };
        let fits = [host, port, database, user]
            .iter()
            .zip(asked)
            .all(|(kept, asked)| kept.as_str() == "*" || *kept == asked);
        fits.then(|| password.clone())
    })
}

/// The parts between colons; a backslash takes the next character as it is.
fn parts_of(line: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut chars = line.chars();
    while let Some(char) = chars.next() {
        match char {
            ':' if parts.len() < 5 => parts.push(String::new()),
            _ => {
                let char = if char == '\\' { chars.next().unwrap_or(char) } else { char };
                parts.last_mut().expect("it begins with one").push(char);
            }
        }
    }
    parts
}

fn unescaped(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        let hex = after.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        let escaped = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        if let (b'%', Some(value)) = (byte, escaped) {
            bytes.push(value);
            rest = &after[2..];
        } else {
            bytes.push(*byte);
            rest = after;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn reason(error: &postgres::Error) -> String {
    let mut text = error.to_string();
    if let Some(source) = std::error::Error::source(error) {
        text = format!("{text}: {source}");
    }
    text
}

fn wrong(reason: &str) -> Error {
    refused(
        "read the URL",
        &format!(
            "{reason}; it reads postgres://user:password@host:port/database?sslmode=verify-full"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_form_of_an_address_shows_its_password() {
        let address =
            Address::parse("postgres://ada:s3cret@db.example:5433/market").expect("a URL");
        let shown = format!("{address} {address:?}");
        assert!(!shown.contains("s3cret"), "{shown}");
        assert!(shown.contains("db.example:5433/market"), "{shown}");
    }

    #[test]
    fn a_url_that_is_none_does_not_come_back_in_the_error() {
        for url in [
            "s3cret",
            "postgres://ada:s3cret@h:notaport/d",
            "postgres://a:s3cret@h/d?sslmode=maybe",
        ] {
            let error = Address::parse(url).expect_err(url);
            assert!(!error.to_string().contains("s3cret"), "{error}");
        }
    }

    #[test]
    fn parameters_of_prisma_are_understood() {
        let url = "postgresql://a:b@h/d?schema=app%20one&pgbouncer=true&connection_limit=1&sslmode=verify-full&sslrootcert=/c.pem";
        let address = Address::parse(url).expect("a URL");
        assert_eq!(address.schema.as_deref(), Some("app one"));
        assert!(address.pooled);
        assert_eq!(address.tls, Tls::VerifyFull(Some("/c.pem".into())));
    }

    #[test]
    fn the_first_line_of_a_password_file_that_fits_is_taken() {
        let file = "# kept\nother:5432:d:u:no\nh:*:d:u:p\\:q\\\\r\n*:*:*:*:last\n";
        assert_eq!(password_of(file, ["h", "5432", "d", "u"]).as_deref(), Some("p:q\\r"));
        assert_eq!(password_of(file, ["x", "5432", "d", "u"]).as_deref(), Some("last"));
        assert_eq!(password_of("h:1:d:u:p", ["x", "1", "d", "u"]), None);
    }
}
