"""What an administrator writes instead: all people in memory, compared with a SQLite table, changes written.

peer_script.py URL DIRECTORY.db
"""

import json
import sqlite3
import sys
import urllib.request

COLUMNS = ("id email given family display title department site manager start number active "
           "ended gender birthday").split()


def rows(url):
    request = urllib.request.Request(f"{url}/people/search", b"{}", {"Content-Type": "application/json"})
    lists = json.load(urllib.request.urlopen(f"{url}/company/named-lists"))
    names = {name: {entry["id"]: entry["value"] for entry in lists[name]["values"]} for name in ("title", "department")}
    for person in json.load(urllib.request.urlopen(request))["employees"]:
        work, internal, personal = person["work"], person["internal"], person["personal"]
        yield (person["id"], person["email"], person["firstName"], person["surname"], person["displayName"],
               names["title"][work["title"]], names["department"][work["department"]], work["site"],
               (work["reportsTo"] or {}).get("id"), work["startDate"], str(work["employeeIdInCompany"]),
               "1" if internal["status"] == "Active" else "0", internal["terminationDate"],
               personal["legalGender"], personal["birthDate"])


def main(url, path):
    db = sqlite3.connect(path)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    db.execute(f"CREATE TABLE IF NOT EXISTS person ({', '.join(COLUMNS)}, PRIMARY KEY (id)) WITHOUT ROWID")
    known = {row[0]: row for row in db.execute("SELECT * FROM person")}
    changed, seen = [], set()
    for row in rows(url):
        seen.add(row[0])
        if known.get(row[0]) != row:
            changed.append(row)
    gone = [(id,) for id, row in known.items() if id not in seen and row[11] == "1"]
    with db:
        db.executemany(f"INSERT OR REPLACE INTO person VALUES ({', '.join('?' * len(COLUMNS))})", changed)
        db.executemany("UPDATE person SET active = '0' WHERE id = ?", gone)
    print(f"{len(seen)} read, {len(changed)} written, {len(gone)} deactivated")


if __name__ == "__main__":
    main(*sys.argv[1:])
