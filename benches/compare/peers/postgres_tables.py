"""PostgreSQL on a socket of its own: arrays with GIN, partial and covering indexes for each order, vectors as bytea.

Without pgvector there is no similarity: the candidates of a match are scored by numpy in the client.
"""

import atexit
import glob
import os
import shutil
import subprocess
import tempfile

import numpy as np
import psycopg
from catalogue import TOP, bits, order_name, serve


class Cluster:
    """A cluster in a temporary directory, stopped and removed with the process."""

    def __init__(self):
        programs = sorted(glob.glob("/usr/lib/postgresql/*/bin"))
        if not programs:
            raise SystemExit("PostgreSQL is missing")
        self.programs = programs[-1]
        self.folder = tempfile.mkdtemp(prefix="shortlist-peer-")
        # PostgreSQL does not run as root.
        self.user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        if self.user:
            shutil.chown(self.folder, "postgres")
        data = f"{self.folder}/data"
        self.run("initdb", "-D", data, "-U", "peer", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C")
        options = "-c listen_addresses= -c shared_buffers=1GB -c work_mem=64MB -c jit=off -c fsync=off"
        self.run("pg_ctl", "-D", data, "-w", "-l", f"{self.folder}/log", "-o", f"-k {self.folder} {options}", "start")
        atexit.register(self.stop)

    def run(self, program, *arguments):
        command = [*self.user, f"{self.programs}/{program}", *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=self.folder)

    def stop(self):
        self.run("pg_ctl", "-D", f"{self.folder}/data", "-m", "immediate", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)


class Tables:
    kinds = ["page", "facets", "match"]

    def __init__(self, columns):
        self.columns = columns
        self.cluster = Cluster()
        self.db = db = psycopg.connect(host=self.cluster.folder, user="peer", dbname="postgres", autocommit=True)
        self.version = db.info.parameter_status("server_version").split()[0]
        orders = columns.orders()
        names = ", ".join(f"{name} int" for name in orders)
        db.execute(
            "CREATE TABLE advisors (row int PRIMARY KEY, id text, industries int[], services int[], rating float8, "
            f"rate float8, listed bool, open bool, {names}, vector bytea)"
        )
        db.execute("ALTER TABLE advisors ALTER vector SET STORAGE EXTERNAL")
        rate = columns.numbers["rate"]
        with db.cursor() as cursor, cursor.copy("COPY advisors FROM STDIN") as copy:
            for row, name in enumerate(columns.ids):
                copy.write_row(
                    [
                        row,
                        name,
                        bits(columns.industries[row]),
                        bits(columns.services[row]),
                        float(columns.numbers["rating"][row]),
                        None if np.isnan(rate[row]) else float(rate[row]),
                        bool(columns.listed[row]),
                        bool(columns.open[row]),
                        *[int(places[row]) for places in orders.values()],
                        columns.vectors[row].tobytes(),
                    ]
                )
        db.execute("CREATE INDEX ON advisors USING gin (industries, services) WHERE listed")
        for name in orders:
            covered = "id, industries, services, rating, rate, open"
            db.execute(f"CREATE INDEX ON advisors ({name}) INCLUDE ({covered}) WHERE listed")
        db.execute("VACUUM ANALYZE advisors")

    @staticmethod
    def where(asked):
        parts, values = ["listed"], []
        if asked["open"]:
            parts.append("open")
        for name in ("industries", "services"):
            if asked[name]:
                parts.append(f"{name} && %s::int[]")
                values.append(bits(asked[name]))
        if asked["minRating"] is not None:
            parts.append("rating >= %s")
            values.append(asked["minRating"])
        if asked["maxRate"] is not None:
            parts.append("rate <= %s")
            values.append(asked["maxRate"])
        return " AND ".join(parts), values

    def find(self, asked, keys, facets):
        where, values = self.where(asked)
        page = f"SELECT row, id FROM advisors WHERE {where} ORDER BY {order_name(keys)} LIMIT {TOP}"
        rows = [row for row, _ in self.db.execute(page, values, prepare=True)]
        total = self.db.execute(f"SELECT count(*) FROM advisors WHERE {where}", values, prepare=True).fetchone()[0]
        counts = None
        if facets:
            counts = []
            for name in ("industries", "services"):
                counted = (
                    f"SELECT count(*) FROM advisors, unnest({name}) AS value WHERE {where} GROUP BY value ORDER BY value"
                )
                counts += [count for (count,) in self.db.execute(counted, values, prepare=True)]
        return rows, total, counts

    def rank(self, asked, query):
        where, values = self.where(asked)
        asked_for = f"SELECT row, vector FROM advisors WHERE {where} ORDER BY row"
        found = self.db.execute(asked_for, values, prepare=True, binary=True).fetchall()
        rows = np.array([row for row, _ in found], dtype=np.int64)
        vectors = np.frombuffer(b"".join(vector for _, vector in found), dtype=np.float32)
        return self.columns.best(asked, rows, vectors.reshape(-1, len(query)) @ query)


if __name__ == "__main__":
    serve("PostgreSQL", None, Tables)
