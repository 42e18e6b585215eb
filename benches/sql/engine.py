"""Runs the queries of docs/sql on a corpus that `nico convert --to parquet` made, with one engine on one core, and prints
their rows and what they took as JSON: python3 engine.py duckdb|datafusion|spark CORPUS QUERY.sql…
"""

import datetime
import decimal
import json
import os
import resource
import sys
import time

engine, corpus, queries = sys.argv[1], os.path.abspath(sys.argv[2]), sys.argv[3:]
tables = [name for name in ("comments", "words") if os.path.isdir(f"{corpus}/{name}")]
single = [name for name in ("files", "frames") if os.path.exists(f"{corpus}/{name}.parquet")]


def plain(value):
    if isinstance(value, decimal.Decimal):
        return int(value) if value == int(value) else float(value)
    return value.isoformat() if isinstance(value, datetime.datetime) else value


def open_duckdb():
    import duckdb

    connection = duckdb.connect(config={"threads": 1})
    for name in tables:
        connection.sql(f"create view {name} as select * from read_parquet('{corpus}/{name}/*/*.parquet', hive_partitioning = true)")
    for name in single:
        connection.sql(f"create view {name} as select * from read_parquet('{corpus}/{name}.parquet')")
    return duckdb.__version__, lambda sql: connection.sql(sql).fetchall()


def open_datafusion():
    import datafusion

    context = datafusion.SessionContext(datafusion.SessionConfig().with_target_partitions(1))
    for name in tables:
        context.sql(f"create external table {name} stored as parquet partitioned by (show) location '{corpus}/{name}/'")
    for name in single:
        context.sql(f"create external table {name} stored as parquet location '{corpus}/{name}.parquet'")

    def rows(sql):
        batches = context.sql(sql).collect()
        return [tuple(row.values()) for batch in batches for row in batch.to_pylist()]

    return datafusion.__version__, rows


def open_spark():
    import pyspark

    session = pyspark.sql.SparkSession.builder.master("local[1]").config("spark.ui.enabled", False)
    session = session.config("spark.sql.shuffle.partitions", 1).config("spark.driver.memory", "4g").getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    for name in tables:
        session.read.parquet(f"{corpus}/{name}").createOrReplaceTempView(name)
    for name in single:
        session.read.parquet(f"{corpus}/{name}.parquet").createOrReplaceTempView(name)
    return pyspark.__version__, lambda sql: [tuple(row) for row in session.sql(sql).collect()]


begun = time.perf_counter()
version, rows = {"duckdb": open_duckdb, "datafusion": open_datafusion, "spark": open_spark}[engine]()
answers, seconds = {}, {}
for path in queries:
    with open(path, encoding="utf-8") as file:
        sql = file.read()
    before = time.perf_counter()
    answers[os.path.basename(path)] = [[plain(value) for value in row] for row in rows(sql)]
    seconds[os.path.basename(path)] = time.perf_counter() - before
usage = resource.getrusage(resource.RUSAGE_SELF)
json.dump(
    {
        "version": version,
        "wall": time.perf_counter() - begun,
        "busy": usage.ru_utime + usage.ru_stime,
        "peak": usage.ru_maxrss / 1024,
        "seconds": seconds,
        "rows": answers,
    },
    sys.stdout,
)
