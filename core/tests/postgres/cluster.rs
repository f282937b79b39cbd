//! A PostgreSQL of the test's own: in a temporary directory, on a free loopback port, stopped by its pid.

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use postgres::{Client, NoTls};

/// A running cluster; dropped, it is stopped and its files are gone.
pub struct Cluster {
    directory: tempfile::TempDir,
    programs: PathBuf,
    port: u16,
    server: Option<Child>,
    encrypted: bool,
    /// Whether what is committed is on the disk.
    lasting: bool,
}

/// The password of the role that syncs use: no log and no error may show it.
pub const PASSWORD: &str = "hunter2-not-for-logs";

impl Cluster {
    /// None, with a word, where no PostgreSQL is installed.
    pub fn start() -> Option<Self> {
        Self::start_as(false)
    }

    /// One that waits for the disk, as a server does that is to be measured.
    pub fn start_lasting() -> Option<Self> {
        Self::start_as(true)
    }

    fn start_as(lasting: bool) -> Option<Self> {
        let Some(programs) = programs() else {
            eprintln!("skipped: no PostgreSQL is installed (Debian: apt-get install postgresql)");
            return None;
        };
        let (directory, port) = (place(), free_port());
        let mut cluster =
            Self { directory, programs, port, server: None, encrypted: false, lasting };
        let data = cluster.data();
        let made = cluster
            .ordinary("initdb")
            .args([
                "--no-sync",
                "--auth=trust",
                "--username=postgres",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                "-D",
            ])
            .arg(&data)
            .stdout(Stdio::null())
            .status();
        assert!(made.expect("initdb runs").success(), "initdb failed");
        // Whoever is not the administrator has a password to say.
        let rights = "host all,replication postgres 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n";
        let copied = cluster.directory.path().join("rights");
        std::fs::write(&copied, rights).expect("a file");
        let put = Self::as_ordinary("cp").arg(&copied).arg(data.join("pg_hba.conf")).status();
        assert!(put.expect("cp runs").success(), "the rights are not put");
        cluster.resume();
        cluster
            .admin()
            .batch_execute(&format!("CREATE ROLE syncer LOGIN SUPERUSER PASSWORD '{PASSWORD}'"))
            .expect("a role");
        Some(cluster)
    }

    /// A standby of this one, that replays what it writes.
    pub fn standby(&self) -> Self {
        let (directory, port) = (place(), free_port());
        let data = directory.path().join("data");
        let copied = self
            .ordinary("pg_basebackup")
            .args(["--write-recovery-conf", "--checkpoint=fast", "--no-sync", "-D"])
            .arg(&data)
            .args(["-d", &self.admin_url()])
            .status();
        assert!(copied.expect("pg_basebackup runs").success(), "pg_basebackup failed");
        let programs = self.programs.clone();
        let mut standby =
            Self { directory, programs, port, server: None, encrypted: false, lasting: false };
        standby.resume();
        standby
    }

    /// A `PgBouncer` in transaction mode before it, with the address under which a sync finds it; none, with a word,
    /// where there is no `PgBouncer`.
    pub fn pool(&self) -> Option<(Pool, String)> {
        let port = free_port();
        let (file, users) =
            (self.directory.path().join("pool.ini"), self.directory.path().join("pool.users"));
        let told = format!(
            "[databases]\npostgres = host=127.0.0.1 port={} dbname=postgres\n[pgbouncer]\nlisten_addr = 127.0.0.1\n\
             listen_port = {port}\nunix_socket_dir =\nauth_type = plain\nauth_file = {}\npool_mode = transaction\n\
             default_pool_size = 3\nlogfile = {}\n",
            self.port,
            users.display(),
            self.directory.path().join("pool.log").display()
        );
        std::fs::write(&file, told).expect("a file");
        std::fs::write(&users, format!("\"syncer\" \"{PASSWORD}\"\n")).expect("a file");
        let program = ["/usr/sbin/pgbouncer", "/usr/bin/pgbouncer"]
            .into_iter()
            .find(|at| Path::new(at).exists());
        let Some(program) = program else {
            eprintln!("skipped: no PgBouncer is installed (Debian: apt-get install pgbouncer)");
            return None;
        };
        let child = Self::as_ordinary(program).arg("--quiet").arg(&file).spawn();
        let pool = Pool(child.expect("the pool starts"));
        let url = format!("postgres://syncer:{PASSWORD}@127.0.0.1:{port}/postgres?sslmode=disable");
        let begun = Instant::now();
        while Client::connect(&url, NoTls).is_err() {
            assert!(begun.elapsed() < Duration::from_secs(30), "the pool does not answer");
            std::thread::sleep(Duration::from_millis(50));
        }
        Some((pool, url))
    }

    /// Starts again with a certificate for `localhost`; its path, or none where there is no `openssl` to make one.
    pub fn encrypt(&mut self) -> Option<PathBuf> {
        let (certificate, key) = (self.data().join("server.crt"), self.data().join("server.key"));
        let made = Self::as_ordinary("openssl")
            .args([
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=localhost",
            ])
            .args(["-addext", "subjectAltName=DNS:localhost"])
            .args(["-addext", "basicConstraints=critical,CA:FALSE"])
            .args([Path::new("-keyout"), &key, Path::new("-out"), &certificate])
            .stderr(Stdio::null())
            .status();
        if !made.is_ok_and(|status| status.success()) {
            eprintln!("skipped: no openssl to make a certificate with");
            return None;
        }
        let copy = self.directory.path().join("authority.pem");
        std::fs::copy(&certificate, &copy).expect("the certificate is there");
        self.halt();
        self.encrypted = true;
        self.resume();
        Some(copy)
    }

    fn data(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    /// A program of the server, as an ordinary user.
    fn ordinary(&self, program: &str) -> Command {
        Self::as_ordinary(self.programs.join(program))
    }

    fn as_ordinary(program: impl AsRef<std::ffi::OsStr>) -> Command {
        let root = Command::new("id").arg("-u").output().is_ok_and(|id| id.stdout == b"0\n");
        if !root {
            return Command::new(program);
        }
        let mut command = Command::new("setpriv");
        command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(program);
        command
    }

    /// Starts the server where it is not running.
    pub fn resume(&mut self) {
        let log = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.log())
            .expect("a log file");
        let server = self
            .ordinary("postgres")
            .arg("-D")
            .arg(self.data())
            .args(["-p", &self.port.to_string(), "-h", "127.0.0.1"])
            .args(["-c", if self.lasting { "fsync=on" } else { "fsync=off" }])
            .args(["-c", if self.lasting { "log_statement=none" } else { "log_statement=all" }])
            .args(["-c", "max_connections=50", "-c", "wal_level=logical"])
            .args(["-c", if self.encrypted { "ssl=on" } else { "ssl=off" }])
            .arg("-k")
            .arg(self.directory.path())
            .stderr(log)
            .stdin(Stdio::null())
            .spawn()
            .expect("the server starts");
        self.server = Some(server);
        let begun = Instant::now();
        while Client::connect(&self.admin_url(), NoTls).is_err() {
            assert!(begun.elapsed() < Duration::from_secs(30), "the server does not answer");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Stops the server at once, as a crash of the machine would.
    pub fn halt(&mut self) {
        if let Some(mut server) = self.server.take() {
            let pid = std::fs::read_to_string(self.data().join("postmaster.pid")).ok();
            let pid = pid.and_then(|text| text.lines().next().map(str::to_owned));
            let pid = pid.unwrap_or_else(|| server.id().to_string());
            let _ = Command::new("kill").args(["-QUIT", &pid]).status();
            let _ = server.wait();
        }
    }

    fn admin_url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres?connect_timeout=2", self.port)
    }

    pub fn admin(&self) -> Client {
        Client::connect(&self.admin_url(), NoTls).expect("the server answers")
    }

    /// What a sync is given.
    pub fn url(&self) -> String {
        self.url_of("syncer", "127.0.0.1", "sslmode=disable")
    }

    pub fn url_of(&self, user: &str, host: &str, parameters: &str) -> String {
        format!("postgres://{user}:{PASSWORD}@{host}:{}/postgres?{parameters}", self.port)
    }

    pub fn log(&self) -> PathBuf {
        self.directory.path().join("log")
    }
}

/// A `PgBouncer` that runs until it is dropped.
pub struct Pool(Child);

impl Drop for Pool {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A directory that the server may write to: it refuses to run as root, who lends it to whoever Debian's package made.
fn place() -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("a temporary directory");
    std::fs::set_permissions(directory.path(), std::fs::Permissions::from_mode(0o777))
        .expect("our own directory");
    directory
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .expect("a free port")
        .port()
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.halt();
    }
}

fn programs() -> Option<PathBuf> {
    let mut versions: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .ok()?
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .filter(|path| Path::new(&path.join("postgres")).exists())
        .collect();
    versions.sort();
    versions.pop()
}
