//! Progress on standard error, where a person sees it; nowhere else.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

const SCALE: u64 = 10_000;

/// A bar that shows how much is done, or a spinner where that is not known.
pub struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// Starts a bar. `{msg}` is what [`Progress::at`] says.
    pub fn start(what: &'static str) -> Self {
        if !std::io::stderr().is_terminal() {
            return Self { bar: ProgressBar::hidden() };
        }
        let bar = ProgressBar::with_draw_target(Some(SCALE), ProgressDrawTarget::stderr_with_hz(8));
        bar.set_style(style("{prefix:>10} [{bar:40}] {percent:>3} %  {msg}"));
        bar.set_prefix(what);
        Self { bar }
    }

    /// Says how far it is: how much is done, 0 to 1, and how many of what.
    pub fn at(&self, fraction: Option<f64>, count: u64, unit: &str) {
        match fraction {
            Some(fraction) => self.bar.set_position((fraction * SCALE as f64) as u64),
            None if self.bar.length().is_some() => {
                self.bar.unset_length();
                self.bar.set_style(style("{prefix:>10} {spinner}  {msg}"));
                self.bar.enable_steady_tick(Duration::from_millis(120));
            }
            None => {}
        }
        let rate = count as f64 / self.bar.elapsed().as_secs_f64().max(1e-3);
        self.bar.set_message(format!("{count} {unit}, {rate:.0}/s"));
    }

    /// Says what is being done now.
    pub fn say(&self, message: &'static str) {
        self.bar.set_message(message);
        self.bar.tick();
    }

    /// Says a line of its own making, instead of how far it is.
    pub fn say_that(&self, line: String) {
        self.bar.unset_length();
        self.bar.set_style(style("{spinner} {msg}"));
        self.bar.set_message(line);
        self.bar.tick();
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template)
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("█▉▊▋▌▍▎▏ ")
}
