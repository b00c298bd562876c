"""A Singer tap for the same people: schema, records and state on standard output, for target-sqlite.

peer_tap.py URL
"""

import json
import sys

from peer_script import COLUMNS, rows


def say(kind, **message):
    sys.stdout.write(json.dumps({"type": kind, **message}) + "\n")


text = {"type": ["string", "null"]}
say("SCHEMA", stream="person", key_properties=["id"],
    schema={"type": "object", "properties": {name: text for name in COLUMNS}})
for row in rows(sys.argv[1]):
    say("RECORD", stream="person", record=dict(zip(COLUMNS, row)))
say("STATE", value={"done": True})
