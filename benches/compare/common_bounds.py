"""How many rows lie in blocks that a bound common to the block cannot skip.

    python benches/compare/common_bounds.py DIR

DIR holds `profiles.f32` and `match.f32`, rows of 384 little-endian f32 of unit length. The score is 0.6 of the cosine
and a base like business and rating; a block may be skipped where its bound is below the 20th best score, which is
given away here: no search knows it as early. A block's bound is the better of two, both certain: the ball around its
mean, and the ball in the 60 leading directions with the largest residual of its rows.
"""

import sys

import numpy as np

K, LEADING, QUERIES = 20, 60, 64


def neighbours(rows, count, rounds=8):
    """Each row's block, where blocks are the cells of Lloyd's algorithm."""
    rng = np.random.default_rng(1)
    means = rows[rng.choice(len(rows), count, replace=False)].copy()
    nearest = lambda: np.argmax(rows @ means.T - 0.5 * (means * means).sum(1), axis=1)
    for _ in range(rounds):
        home = nearest()
        for block in range(count):
            members = rows[home == block]
            if len(members):
                means[block] = members.mean(0)
    return nearest()


def bounds(rows, queries, base, home, leading):
    """The best score that each block may hold, for each query."""
    near, asked = rows @ leading.T, queries @ leading.T
    rest = np.sqrt(np.maximum(1 - (near * near).sum(1), 0))
    asked_rest = np.sqrt(np.maximum(1 - (asked * asked).sum(1), 0))
    best = np.full((len(queries), home.max() + 1), -np.inf)
    for block in range(home.max() + 1):
        members = np.where(home == block)[0]
        if not len(members):
            continue
        mean = rows[members].mean(0)
        radius = np.linalg.norm(rows[members] - mean, axis=1).max()
        centre = mean @ leading.T
        within = np.linalg.norm(near[members] - centre, axis=1).max()
        ball = queries @ mean + radius
        parts = asked @ centre + np.linalg.norm(asked, axis=1) * within + asked_rest * rest[members].max()
        best[:, block] = 0.6 * np.minimum(np.minimum(ball, parts), 1) + base[members].max()
    return best


def main(folder):
    load = lambda name: np.fromfile(f"{folder}/{name}", np.float32).reshape(-1, 384)
    rows, queries = load("profiles.f32"), load("match.f32")[:QUERIES]
    rng = np.random.default_rng(2)
    draw = lambda: rng.random(len(rows))
    base = 0.06 * rng.integers(0, 3, len(rows)) + 0.2 * draw() * draw() + 0.08
    leading = np.linalg.svd(rows[:4000], full_matrices=False)[2][:LEADING]
    floor = np.sort(0.6 * (queries @ rows.T) + base, axis=1)[:, -K][:, None]
    # The ball of one row is the row: what is asked is what its leading coordinates leave.
    near, asked = rows @ leading.T, queries @ leading.T
    rest = lambda part: np.sqrt(np.maximum(1 - (part * part).sum(1), 0))
    alone = 0.6 * np.minimum(asked @ near.T + np.outer(rest(asked), rest(near)), 1) + base
    print(f"each row by itself: {100 * (alone >= floor).mean():.1f} % left")
    for size in (16, 64, 256):
        inserted = np.arange(len(rows)) // size
        for name, home in (("inserted", inserted), ("neighbours", neighbours(rows, len(rows) // size))):
            sizes = np.bincount(home)
            left = ((bounds(rows, queries, base, home, leading) >= floor) * sizes).sum(1) / len(rows)
            print(f"blocks of {size:3} rows, {name:10}: {100 * left.mean():5.1f} % left")


main(sys.argv[1])
