# Answers the benchmark's questions, a line each, with Python's drivers.
import json, re, sys, time
import adbc_driver_postgresql.dbapi as adbc
import psycopg
import pyarrow as pa

url = sys.argv[1]
rows_connection = psycopg.connect(url, autocommit=True)
arrow_connection = adbc.connect(url, autocommit=True)


def memory(name):
    return int(re.search(name + r":\s+(\d+)", open("/proc/self/status").read())[1]) * 1024


def psycopg_read(sql):
    with rows_connection.cursor(binary=True) as cursor:
        cursor.execute(sql)
        names = [column.name for column in cursor.description]
        columns = list(zip(*cursor.fetchall()))
    return pa.table({name: pa.array(column) for name, column in zip(names, columns)})


def adbc_read(sql):
    with arrow_connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetch_arrow_table()


def adbc_write(sql):
    with arrow_connection.cursor() as cursor:
        cursor.adbc_ingest("bench_written", source, mode="append")
    return source


def psycopg_write(sql):
    with rows_connection.cursor() as cursor:
        with cursor.copy("copy bench_written from stdin (format binary)") as copy:
            copy.set_types(types)
            for batch in source.to_batches():
                for row in zip(*(column.to_pylist() for column in batch.columns)):
                    copy.write_row(row)
    return source


works = {"psycopg read": psycopg_read, "adbc read": adbc_read, "psycopg write": psycopg_write, "adbc write": adbc_write}
source = None
types = sys.argv[2].split(",")
print("ready", flush=True)
for line in sys.stdin:
    question = json.loads(line)
    if question["work"].endswith("write") and source is None:
        source = adbc_read(question["source"])
    open("/proc/self/clear_refs", "w").write("5")
    before = memory("VmRSS")
    start = time.perf_counter()
    table = works[question["work"]](question["sql"])
    ms = (time.perf_counter() - start) * 1000
    answer = {"ms": ms, "rows": table.num_rows, "arrowBytes": table.nbytes, "grownBytes": memory("VmHWM") - before}
    del table
    print(json.dumps(answer), flush=True)
