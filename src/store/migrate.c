/*
 * migrate.c — brings a store's tables up to this program: forward only, by number, all or nothing.
 *
 * The table `migration` says what was done. Its row 0 is there to be updated first: two nodes that
 * start at once then follow each other (on SQLite they do already). A store that is up to date is
 * only read.
 */
#include <string.h>

#include "base/clock.h"
#include "store/driver.h"

struct migration {
    int number;
    const char *name, *text;
};

static const struct migration migrations[] = {
#include "schema.inc"
};

static enum err expand_key(const struct store_driver *d, const char *columns, size_t n,
                           struct buf *out)
{
    if (d->keys) {
        buf_puts(out, ", PRIMARY KEY (");
        buf_add(out, columns, n);
        buf_putc(out, ')');
    }
    return OK;
}

static enum err expand_token(const struct store_driver *d, const char *token, size_t n,
                             struct buf *out)
{
    const struct { const char *name, *text; } words[] = {
        { "id", d->id }, { "text", d->text }, { "without_rowid", d->without_rowid },
    };

    if (n > 4 && memcmp(token, "key ", 4) == 0)
        return expand_key(d, token + 4, n - 4, out);
    for (size_t i = 0; i < COUNT(words); i++)
        if (strlen(words[i].name) == n && memcmp(words[i].name, token, n) == 0) {
            buf_puts(out, words[i].text);
            return OK;
        }
    return errf(ERR_INTERNAL, "the schema says {%.*s}, which means nothing", (int)n, token);
}

/* Comments stay as they are: they are for people, and SQLite keeps them with the table. */
enum err migrate_expand(const struct store_driver *d, const char *text, struct buf *out)
{
    while (*text) {
        size_t n = strcspn(text, "-{");
        buf_add(out, text, n);
        text += n;
        if (*text == '-') {
            n = text[1] == '-' ? strcspn(text, "\n") : 1;
            buf_add(out, text, n);
            text += n;
        } else if (*text == '{') {
            n = strcspn(text, "}");
            if (!text[n])
                return errf(ERR_INTERNAL, "the schema has a { without a }");
            TRY(expand_token(d, text + 1, n - 1, out));
            text += n + 1;
        }
    }
    return OK;
}

/* The number of the newest migration done; 0 if none. */
static enum err newest_done(struct work *w, int64_t *out)
{
    const struct migration *ours = &migrations[COUNT(migrations) - 1];
    struct rows r;

    TRY(store_query(w, &r, "SELECT number, name FROM migration ORDER BY number DESC LIMIT 1"));
    *out = r.n ? rows_num(&r, 0, 0) : 0;
    if (*out > ours->number)
        return errf(ERR_STORE,
                    "%s was changed by a newer muster (its tables are at step %d, '%s'; this "
                    "program knows %d). Install that version or a newer one",
                    w->store->label, (int)*out, rows_text(&r, 0, 1), ours->number);
    return OK;
}

static enum err apply(struct work *w, const struct migration *m)
{
    AUTO_BUF script = {};

    TRY(migrate_expand(w->store->driver, m->text, &script));
    enum err e = w->store->driver->script(w->tx->conn, script.at);
    if (e != OK)
        return err_in(e, "bringing the tables to step %d, '%s': ", m->number, m->name);
    return store_run(w, "INSERT INTO migration (number, name, applied_at) VALUES (?, ?, ?)",
                     num(m->number), txt(m->name), num(clock_now()));
}

static enum err apply_missing(struct work *w, void *arg)
{
    static const char table[] =
        "CREATE TABLE IF NOT EXISTS migration (number {id}, name {text} NOT NULL,"
        " applied_at BIGINT NOT NULL {key number})";
    AUTO_BUF script = {};
    int64_t done;

    (void)arg;
    TRY(migrate_expand(w->store->driver, table, &script));
    TRY(w->store->driver->script(w->tx->conn, script.at));
    TRY(store_run(w, "INSERT INTO migration (number, name, applied_at) VALUES (0, 'turn', ?)"
                     " ON CONFLICT (number) DO UPDATE SET applied_at = excluded.applied_at",
                  num(clock_now())));
    TRY(newest_done(w, &done));
    for (size_t i = 0; i < COUNT(migrations); i++)
        if (migrations[i].number > done)
            TRY(apply(w, &migrations[i]));
    return OK;
}

enum err migrate(struct store *s)
{
    AUTO(work) *w = work_new(s, NULL);
    struct rows r;
    int64_t done = 0;

    TRY(store_query(w, &r, s->driver->has_migrations));
    if (rows_num(&r, 0, 0) > 0)
        TRY(newest_done(w, &done));
    else if (!(s->flags & STORE_CREATE))
        return errf(ERR_NOT_FOUND, "there is no store in %s yet. Make it with `muster init`",
                    s->label);
    if (done == migrations[COUNT(migrations) - 1].number)
        return OK;
    return tx_write(w, apply_missing, NULL);
}
