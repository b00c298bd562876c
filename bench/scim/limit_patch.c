/*
 * limit_patch.c — the reference for PATCH: changes people as the server does, with SQLite alone.
 *
 * limit_patch POSTED.db PEOPLE-A-TRANSACTION SECONDS
 *
 * Takes a store that our server filled, and changes it: for one person after the other the row of the
 * person, the claim of the link, and one more row of history, with prepared statements, WAL and
 * synchronous=FULL. Texts are those that are there, read before the clock starts. Prints seconds and people.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/core.h"

enum { PEOPLE = 20000 };

static struct one { int64_t person, link; char *vals, *said; } people[PEOPLE];
static size_t npeople;

static _Noreturn void fail(sqlite3 *db, const char *what)
{
    fprintf(stderr, "%s: %s\n", what, sqlite3_errmsg(db));
    exit(3);
}

static void run(sqlite3 *db, const char *sql)
{
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail(db, sql);
}

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *statement;

    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK)
        fail(db, sql);
    return statement;
}

static double seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void people_read(sqlite3 *db)
{
    sqlite3_stmt *each = prepare(db, "SELECT p.id, l.id, p.vals, c.said FROM person p "
                                     "JOIN link l ON l.workspace = p.workspace AND l.person = p.id "
                                     "JOIN claim c ON c.id = l.id ORDER BY p.id % 997, p.id");

    while (npeople < PEOPLE && sqlite3_step(each) == SQLITE_ROW)
        people[npeople++] = (struct one){
            sqlite3_column_int64(each, 0),
            sqlite3_column_int64(each, 1),
            strdup((const char *)sqlite3_column_text(each, 2)),
            strdup((const char *)sqlite3_column_text(each, 3)),
        };
    sqlite3_finalize(each);
}

/* One more row like one that is there, for another person and with another number. */
static sqlite3_stmt *history_prepare(sqlite3 *db, int64_t *seq)
{
    sqlite3_stmt *most = prepare(db, "SELECT max(seq) FROM run_row");
    sqlite3_stmt *columns = prepare(db, "SELECT name FROM pragma_table_info('run_row')");
    sqlite3_str *names = sqlite3_str_new(db), *values = sqlite3_str_new(db);

    if (sqlite3_step(most) == SQLITE_ROW)
        *seq = sqlite3_column_int64(most, 0);
    while (sqlite3_step(columns) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(columns, 0);
        const char *comma = sqlite3_str_length(names) ? ", " : "";
        bool person = strcmp(name, "person") == 0, number = strcmp(name, "seq") == 0;
        sqlite3_str_appendf(names, "%s%s", comma, name);
        sqlite3_str_appendf(values, "%s%s", comma, person ? "?1" : number ? "?2" : name);
    }
    sqlite3_finalize(most);
    sqlite3_finalize(columns);
    char *into = sqlite3_str_finish(names), *from = sqlite3_str_finish(values);
    char *sql = sqlite3_mprintf("INSERT INTO run_row (%s) SELECT %s FROM (SELECT * FROM run_row "
                                "WHERE person IS NOT NULL LIMIT 1)",
                                into, from);
    sqlite3_stmt *insert = prepare(db, sql);
    sqlite3_free(into);
    sqlite3_free(from);
    sqlite3_free(sql);
    return insert;
}

static void step(sqlite3 *db, sqlite3_stmt *statement)
{
    if (sqlite3_step(statement) != SQLITE_DONE)
        fail(db, sqlite3_sql(statement));
    sqlite3_reset(statement);
}

int main(int argc, char **argv)
{
    sqlite3 *db;
    int64_t seq = 0;
    size_t done = 0, group = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;
    double secs = argc > 3 ? strtod(argv[3], NULL) : 0;

    if (group == 0 || secs <= 0) {
        fprintf(stderr, "usage: limit_patch POSTED.db PEOPLE-A-TRANSACTION SECONDS\n");
        return 2;
    }
    if (sqlite3_open_v2(argv[1], &db, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK)
        fail(db, argv[1]);
    run(db, "PRAGMA journal_mode = WAL");
    run(db, "PRAGMA synchronous = FULL");
    people_read(db);
    if (npeople == 0) {
        fprintf(stderr, "%s: nobody has a claim\n", argv[1]);
        return 3;
    }
    sqlite3_stmt *person = prepare(db, "UPDATE person SET vals = ?2, version = version + 1, "
                                       "updated_at = updated_at + 1 WHERE id = ?1");
    sqlite3_stmt *claim = prepare(db, "UPDATE claim SET said = ?2 WHERE id = ?1");
    sqlite3_stmt *history = history_prepare(db, &seq);

    double start = seconds();
    while (seconds() - start < secs) {
        run(db, "BEGIN IMMEDIATE");
        for (size_t i = 0; i < group; i++, done++) {
            const struct one *one = &people[done % npeople];
            sqlite3_bind_int64(person, 1, one->person);
            sqlite3_bind_text(person, 2, one->vals, -1, SQLITE_STATIC);
            step(db, person);
            sqlite3_bind_int64(claim, 1, one->link);
            sqlite3_bind_text(claim, 2, one->said, -1, SQLITE_STATIC);
            step(db, claim);
            sqlite3_bind_int64(history, 1, one->person);
            sqlite3_bind_int64(history, 2, ++seq);
            step(db, history);
        }
        run(db, "COMMIT");
    }
    printf("%.3f seconds, %zu people\n", seconds() - start, done);
    return 0;
}
