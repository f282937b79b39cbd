"""A bar that says how far a build has come: in a terminal by its line, in a notebook by its own."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any


def of(wish: Callable[[int, int | None], Any] | bool | None) -> Callable[[int, int | None], Any] | None:
    """What shows the progress: the wish itself, a bar, or nothing. By default a bar where somebody would see it."""
    if callable(wish):
        return wish
    if wish is False:
        return None
    if _in_notebook():
        return _Notebook()
    if wish or sys.stderr is not None and sys.stderr.isatty():
        return _Terminal()
    return None


def _in_notebook() -> bool:
    # Only where IPython is in use already: it is not imported for this.
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return shell is not None and type(shell).__name__ == "ZMQInteractiveShell"


class _Bar:
    """What is shown at most ten times a second, and at the end."""

    def __init__(self) -> None:
        self.start = time.monotonic()
        self.shown = 0.0

    def __call__(self, done: int, total: int | None) -> None:
        now = time.monotonic()
        if now - self.shown >= 0.1 or done == total:
            self.shown = now
            self.show(done, total, done / max(now - self.start, 1e-9))

    def show(self, done: int, total: int | None, rate: float) -> None:
        raise NotImplementedError

    def close(self) -> None:
        """Leaves the last state standing."""


class _Terminal(_Bar):
    WIDTH = 30

    def show(self, done: int, total: int | None, rate: float) -> None:
        if total:
            full = min(self.WIDTH, self.WIDTH * done // total)
            bar = f"{100 * done // total:3d}% |{'█' * full}{' ' * (self.WIDTH - full)}| {done:,}/{total:,}"
            left = f", {(total - done) / rate:.0f} s left" if done < total else ""
        else:
            bar, left = f"{done:,} profiles", ""
        print(f"\r{bar} [{rate:,.0f}/s{left}]\x1b[K", end="", file=sys.stderr, flush=True)

    def close(self) -> None:
        if self.shown:
            print(file=sys.stderr, flush=True)


class _Notebook(_Bar):
    def __init__(self) -> None:
        super().__init__()
        self.handle: Any = None

    def show(self, done: int, total: int | None, rate: float) -> None:
        from IPython.display import HTML, display  # type: ignore[import-not-found, unused-ignore]

        size = f" value='{done}' max='{total}'" if total else ""
        of = f" of {total:,}" if total else ""
        html = HTML(f"<progress{size} style='width:20em'></progress> {done:,}{of} profiles, {rate:,.0f}/s")
        if self.handle is None:
            self.handle = display(html, display_id=True)
        else:
            self.handle.update(html)
