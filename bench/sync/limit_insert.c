/*
 * limit_insert.c — the reference for a first sync: inserts the finished rows of a synced store into the
 * same tables and indexes of an empty one, as plain C would.
 *
 * limit_insert FINISHED.db NEW.db [PEOPLE-A-TRANSACTION]
 *
 * Prepared statements, WAL, synchronous=FULL, one transaction per 1,000 people. All rows are read
 * before the clock starts; it prints rows and seconds.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/core.h"

enum { TABLES = 64 };

struct table {
    char name[64];
    int columns;
    size_t rows, cap;
    sqlite3_value **values;             /* rows * columns */
    sqlite3_stmt *insert;
};

static struct table tables[TABLES];
static size_t ntables;

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

/* Tables first, then indexes: what a new store has before its first row. */
static void schema_copy(sqlite3 *from, sqlite3 *to)
{
    sqlite3_stmt *each =
        prepare(from, "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE "
                      "'sqlite_%' ORDER BY type = 'index', rowid");
    while (sqlite3_step(each) == SQLITE_ROW)
        run(to, (const char *)sqlite3_column_text(each, 0));
    sqlite3_finalize(each);
}

/* Rows come in the order of their people, as they would arrive, and not sorted by the table's key. */
static const char *order_of(sqlite3 *from, const char *name)
{
    bool by_person = sqlite3_table_column_metadata(from, NULL, name, "person", NULL, NULL, NULL,
                                                   NULL, NULL) == SQLITE_OK;
    return by_person ? " ORDER BY person" : "";
}

static void table_read(sqlite3 *from, struct table *t)
{
    char *sql = sqlite3_mprintf("SELECT * FROM \"%w\"%s", t->name, order_of(from, t->name));
    sqlite3_stmt *each = prepare(from, sql);

    t->columns = sqlite3_column_count(each);
    while (sqlite3_step(each) == SQLITE_ROW) {
        if (t->rows == t->cap) {
            t->cap = t->cap ? t->cap * 2 : 1024;
            t->values = realloc(t->values, t->cap * (size_t)t->columns * sizeof *t->values);
        }
        for (int i = 0; i < t->columns; i++)
            t->values[t->rows * (size_t)t->columns + (size_t)i] =
                sqlite3_value_dup(sqlite3_column_value(each, i));
        t->rows++;
    }
    sqlite3_finalize(each);
    sqlite3_free(sql);
}

static void tables_read(sqlite3 *from)
{
    sqlite3_stmt *each =
        prepare(from, "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE "
                      "'sqlite_%' ORDER BY rowid");
    while (sqlite3_step(each) == SQLITE_ROW && ntables < TABLES) {
        struct table *t = &tables[ntables++];
        snprintf(t->name, sizeof t->name, "%s", (const char *)sqlite3_column_text(each, 0));
        table_read(from, t);
    }
    sqlite3_finalize(each);
}

static void table_prepare(sqlite3 *to, struct table *t)
{
    char *marks = calloc(1, (size_t)t->columns * 2 + 1);

    for (int i = 0; i < t->columns; i++)
        memcpy(marks + (i ? 2 * i - 1 : 0), i ? ",?" : "?", i ? 2 : 1);
    char *sql = sqlite3_mprintf("INSERT INTO \"%w\" VALUES (%s)", t->name, marks);
    t->insert = prepare(to, sql);
    sqlite3_free(sql);
    free(marks);
}

static void rows_insert(sqlite3 *to, struct table *t, size_t from, size_t upto)
{
    for (size_t row = from; row < upto; row++) {
        for (int i = 0; i < t->columns; i++)
            sqlite3_bind_value(t->insert, i + 1, t->values[row * (size_t)t->columns + (size_t)i]);
        if (sqlite3_step(t->insert) != SQLITE_DONE)
            fail(to, t->name);
        sqlite3_reset(t->insert);
    }
}

static size_t rows_of(const char *name)
{
    for (size_t i = 0; i < ntables; i++)
        if (strcmp(tables[i].name, name) == 0)
            return tables[i].rows;
    return 0;
}

int main(int argc, char **argv)
{
    sqlite3 *from, *to;
    size_t people, batch = argc > 3 ? strtoul(argv[3], NULL, 10) : 1000, rows = 0;

    if (argc < 3 || batch == 0) {
        fprintf(stderr, "usage: limit_insert FINISHED.db NEW.db [PEOPLE-A-TRANSACTION]\n");
        return 2;
    }
    if (sqlite3_open_v2(argv[1], &from, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK)
        fail(from, argv[1]);
    unlink(argv[2]);
    if (sqlite3_open(argv[2], &to) != SQLITE_OK)
        fail(to, argv[2]);
    run(to, "PRAGMA journal_mode = WAL");
    run(to, "PRAGMA synchronous = FULL");
    schema_copy(from, to);
    tables_read(from);
    people = rows_of("person");

    double start = seconds();
    size_t steps = MAX((people + batch - 1) / batch, (size_t)1);
    for (size_t i = 0; i < ntables; i++)
        table_prepare(to, &tables[i]);
    for (size_t step = 0; step < steps; step++) {
        run(to, "BEGIN IMMEDIATE");
        for (size_t i = 0; i < ntables; i++)
            rows_insert(to, &tables[i], tables[i].rows * step / steps,
                        tables[i].rows * (step + 1) / steps);
        run(to, "COMMIT");
    }
    double took = seconds() - start;
    for (size_t i = 0; i < ntables; i++)
        rows += tables[i].rows;
    printf("%.3f seconds, %zu people, %zu rows\n", took, people, rows);
    return 0;
}
