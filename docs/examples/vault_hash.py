"""Recompute the content hash of a vault: python vault_hash.py ana.sqlite"""

import base64
import hashlib
import json
import sqlite3
import sys


def as_text(value):
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode() if isinstance(value, bytes) else value


db = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
db.row_factory = sqlite3.Row
found = hashlib.sha256()
for table, key in db.execute("select name, primary_key from vault_tables where hashed order by name").fetchall():
    order = ", ".join(f'"{column}"' for column in json.loads(key))
    for row in db.execute(f'select * from "{table}" order by {order}'):  # noqa: S608 - our own names
        content = [table, {name: as_text(row[name]) for name in row.keys()}]  # noqa: SIM118 - a row iterates over values
        line = json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        found.update(line.encode() + b"\n")
print(f"sha-256:{found.hexdigest()}")
