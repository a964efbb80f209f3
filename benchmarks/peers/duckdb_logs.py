"""The same job by DuckDB, tuned: typed columns into a table of small ones, and its groups.

duckdb_logs.py FILE FOLDER THREADS prints the account and what it took, as JSON.
"""

import json
import resource
import sys
import time
from pathlib import Path

import duckdb

CLOCK = r"([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?"
TIME = rf"\d{{4}}-\d\d-\d\d[T ]{CLOCK}(Z|[+-]\d\d:?\d\d)?"
LINES = """
CREATE TEMP TABLE l AS
SELECT provider, model, endpoint, error_type, us, rt, nots, err, req,
    floor(us / 3600000000)::INTEGER AS h, floor(us / 60000000)::INTEGER AS m,
    (err AND (error_type IN ('timeout', 'rate_limit')
        OR status IN (408, 425, 429, 502, 503, 504, 529))) IS TRUE AS load,
    CASE WHEN req AND us IS NOT NULL AND rt >= 0 AND isfinite(rt) THEN
        CASE WHEN rt < 1e-6 THEN -1400 ELSE ceil(ln(rt) / ln(1.01 / 0.99))::SMALLINT END
    END AS b
FROM (SELECT *, tj IS NULL OR tj = 'null' AS nots,
    CASE WHEN starts_with(tj, '"')
        THEN CASE WHEN regexp_full_match(ts, '{time}')
            THEN epoch_us(try_cast(ts AS TIMESTAMPTZ)) END
        ELSE CASE WHEN try_cast(tj AS DOUBLE) BETWEEN 0 AND 4102444800
            THEN floor(try_cast(tj AS DOUBLE) * 1e6 + 0.5)::BIGINT END
    END AS us,
    upper(level) IN ('ERROR', 'CRITICAL', 'FATAL') IS TRUE AS err,
    contains(lower(message), 'request') IS TRUE AS req
FROM (SELECT timestamp::VARCHAR AS tj,
        CASE WHEN starts_with(timestamp::VARCHAR, '"') THEN trim(timestamp::VARCHAR, '"') END AS ts,
        level, message, provider, model, endpoint, error_type, response_time AS rt, status
    FROM read_ndjson('{path}', ignore_errors = true, columns = {{
        timestamp: 'JSON', level: 'VARCHAR', message: 'VARCHAR', provider: 'VARCHAR',
        model: 'VARCHAR', endpoint: 'VARCHAR', error_type: 'VARCHAR', response_time: 'DOUBLE',
        status: 'INTEGER'}})))
"""
COUNTS = """count(*) FILTER (req) AS requests, count(*) FILTER (err) AS errors,
    count(*) FILTER (req AND err) AS failed, count(b) AS timed,
    sum(CASE WHEN b IS NOT NULL THEN rt ELSE 0 END) AS response_seconds"""
TABLES = {
    "hours": f"""SELECT h AS hour, endpoint, provider, model, error_type, count(*) AS lines,
        {COUNTS}, count(*) FILTER (b IS NOT NULL AND rt > 5) AS slow
        FROM l WHERE us IS NOT NULL GROUP BY ALL""",
    "endpoint_latency": """SELECT h AS hour, err AS failed, endpoint, b AS bucket, count(*) AS count
        FROM l WHERE b IS NOT NULL GROUP BY ALL""",
    "model_latency": """SELECT h AS hour, err AS failed, provider, model, b AS bucket,
        count(*) AS count FROM l WHERE b IS NOT NULL GROUP BY ALL""",
    "minutes": f"""SELECT m AS minute, {COUNTS}, count(*) FILTER (load) AS load_errors,
        max(rt) FILTER (b IS NOT NULL) AS slowest, min(rt) FILTER (b IS NOT NULL) AS fastest
        FROM l WHERE us IS NOT NULL GROUP BY ALL""",
    "minute_latency": """SELECT m AS minute, floor(b / 4)::INTEGER AS bucket, count(*) AS count
        FROM l WHERE b IS NOT NULL GROUP BY ALL""",
    "slow": """SELECT h, rt, us, endpoint FROM l WHERE b IS NOT NULL AND rt > 5
        QUALIFY row_number() OVER (PARTITION BY h ORDER BY rt DESC, us) <= 100""",
}


def main() -> None:
    path, folder, threads = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    started, used = time.perf_counter(), cpu_seconds()
    database = duckdb.connect()
    database.execute(f"SET threads = {threads}; SET TimeZone = 'UTC'")
    database.execute("SET preserve_insertion_order = false; SET enable_progress_bar = false")
    kinds = dict(
        database.execute(
            f"SELECT json_type(json), count(*) FROM read_ndjson_objects('{path}', "
            "ignore_errors = true) GROUP BY 1"
        ).fetchall()
    )
    database.execute(LINES.format(path=path, time=TIME))
    for name, query in TABLES.items():
        target = folder / f"{name}.parquet"
        database.execute(f"COPY ({query}) TO '{target}' (FORMAT parquet, COMPRESSION zstd)")
    accepted, bad_time = database.execute(
        "SELECT count(us), count(*) FILTER (us IS NULL AND NOT nots) FROM l"
    ).fetchall()[0]
    read = count_lines(path)
    not_json, objects = kinds.pop(None, 0), kinds.get("OBJECT", 0)
    account = {
        "read": read, "accepted": accepted, "not_json": not_json, "bad_timestamp": bad_time,
        "not_object": sum(kinds.values()) - objects, "no_timestamp": objects - accepted - bad_time,
        "blank": read - not_json - sum(kinds.values()),
    }  # fmt: skip
    took = {"wall": time.perf_counter() - started, "cpu": cpu_seconds() - used}
    print(json.dumps({**account, **took}))


def cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def count_lines(path: Path) -> int:
    count, last = 0, b"\n"
    with path.open("rb", buffering=0) as file:
        while piece := file.read(1 << 20):
            count, last = count + piece.count(b"\n"), piece
    return count + (not last.endswith(b"\n"))


if __name__ == "__main__":
    main()
