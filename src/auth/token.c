/*
 * token.c — see token.h.
 *
 * What is remembered of the store for a second are rows, not verdicts: the secret of every request is
 * hashed and compared. So a wrong one costs no more and learns no less than a right one.
 */
#include "auth/token.h"

#include <pthread.h>
#include <stdio.h>

#include "auth/token_sql.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/log.h"
#include "base/str.h"
#include "store/store.h"

enum {
    NAME_MOST = 64,
    SECRET_BYTES = 20,              /* 160 bits: no slow hash is needed */
    SECRET_TEXT = 32,
    REMEMBERED = 4096,
    LOCKS = 64,
    FRESH_US = 1000000,
    MINUTE_MS = 60000,
};

static const char prefix[] = "muster_";

/* ---- classes ---- */

static const struct {
    const char *name, *one, *where;
} classes[] = {
    [TOKEN_SCIM] = { "scim", "a SCIM token", "Integrations → SCIM" },
    [TOKEN_CONTENT] = { "content", "a Content API token", "Integrations → API" },
    [TOKEN_ADMIN] = { "admin", "an admin token", "Integrations → API" },
};

const char *token_class_name(enum token_class c)
{
    return classes[c].name;
}

bool token_class_read(const char *name, enum token_class *out)
{
    for (size_t i = TOKEN_SCIM; i < COUNT(classes); i++)
        if (str_eq(classes[i].name, name)) {
            *out = (enum token_class)i;
            return true;
        }
    return false;
}

enum err token_is(const struct token *t, enum token_class wanted)
{
    if (t->class == wanted)
        return OK;
    return errf(ERR_FORBIDDEN, "this is %s; create %s in %s", classes[t->class].one,
                classes[wanted].one, classes[wanted].where);
}

/* ---- making ---- */

static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";

static const char *make_text(struct arena *a, const struct token *t)
{
    uint8_t raw[SECRET_BYTES];
    char secret[SECRET_TEXT + 1] = "";

    crypt_random(raw, sizeof raw);
    for (size_t i = 0; i < SECRET_TEXT; i++) {          /* five bits a letter, 40 bits in five bytes */
        size_t bit = i * 5;
        unsigned two = raw[bit / 8] << 8 | (bit / 8 + 1 < SECRET_BYTES ? raw[bit / 8 + 1] : 0);
        secret[i] = letters[two >> (11 - bit % 8) & 31];
    }
    return arena_printf(a, "%s%s_%s_%s", prefix, token_class_name(t->class), id_text(t->id),
                        secret);
}

static struct crypt_digest hash_of(const struct work *w, const char *text, size_t n)
{
    return crypt_digest(store_key(w->store), "token", text, n);
}

static enum err check_name(const char *name)
{
    size_t n = name ? strlen(name) : 0;

    if (n < 1 || n > NAME_MOST || !str_utf8(name, n))
        return errf(ERR_USAGE, "a token's name has 1 to %d letters", NAME_MOST);
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)name[i] < ' ' || name[i] == 0x7f)
            return errf(ERR_USAGE, "a token's name has no tabs and line ends");
    return OK;
}

struct adding { struct token token; const char *text; };

static enum err write_new(struct work *w, void *arg)
{
    struct adding *a = arg;
    struct token *all;
    size_t n;

    TRY(token_rows(w, &all, &n));
    for (size_t i = 0; i < n; i++)
        if (str_eq(all[i].name, a->token.name))
            return errf(ERR_CONFLICT,
                        "there is a token '%s' already; choose another name, or revoke that one "
                        "first",
                        all[i].name);
    a->token.id = id_new();
    a->text = make_text(w->mem, &a->token);
    struct crypt_digest hash = hash_of(w, a->text, strlen(a->text));
    return token_row_put(w, &a->token, &hash);
}

enum err token_add(struct work *w, const struct token *t, const char **secret)
{
    struct adding a = { .token = *t };

    TRY(check_name(t->name));
    if ((t->class == TOKEN_SCIM) != (t->source != 0))
        return errf(ERR_INTERNAL, "a SCIM token belongs to a source, and no other token does");
    TRY(store_write(w, write_new, &a));
    *secret = a.text;
    return OK;
}

enum err token_list(struct work *w, struct token **out, size_t *n)
{
    return token_rows(w, out, n);
}

/* ---- what is remembered ---- */

struct known {
    int64_t id, workspace, source, created_at, expires_at, used_at;
    int64_t read_at, noted_at;      /* clock_tick(); noted_at 0: not by this process */
    struct crypt_digest hash;
    enum token_class class;
    bool paused;
    char name[NAME_MOST + 1];
};

/* Two places per id. A token of many requests is copied under its lock: a tenth of a microsecond. */
static struct known memory[REMEMBERED];
static pthread_mutex_t locks[LOCKS] = { [0 ... LOCKS - 1] = PTHREAD_MUTEX_INITIALIZER };

static struct known *place_of(int64_t id, pthread_mutex_t **lock)
{
    size_t pair = (size_t)(((uint64_t)id * 0x9e3779b97f4a7c15u) >> 40) % (REMEMBERED / 2);

    *lock = &locks[pair % LOCKS];
    return &memory[pair * 2];
}

static struct known *find_in(struct known *pair, int64_t id)
{
    return pair[0].id == id ? &pair[0] : pair[1].id == id ? &pair[1] : NULL;
}

static bool recall(int64_t id, struct known *out)
{
    pthread_mutex_t *lock;
    struct known *pair = place_of(id, &lock);

    pthread_mutex_lock(lock);
    const struct known *k = find_in(pair, id);
    bool fresh = k && clock_tick() - k->read_at < FRESH_US;
    if (fresh)
        *out = *k;
    pthread_mutex_unlock(lock);
    return fresh;
}

static void remember(struct known *k)
{
    pthread_mutex_t *lock;
    struct known *pair = place_of(k->id, &lock);

    pthread_mutex_lock(lock);
    struct known *at = find_in(pair, k->id);
    if (at)
        k->noted_at = at->noted_at;
    else
        at = pair[0].read_at <= pair[1].read_at ? &pair[0] : &pair[1];
    *at = *k;
    pthread_mutex_unlock(lock);
}

static void forget(int64_t id)
{
    pthread_mutex_t *lock;
    struct known *pair = place_of(id, &lock);

    pthread_mutex_lock(lock);
    struct known *k = find_in(pair, id);
    if (k)
        *k = (struct known){};
    pthread_mutex_unlock(lock);
}

/* ---- last use ---- */

/* True for one caller a minute. */
static bool claim_note(const struct known *k)
{
    int64_t now = clock_tick();
    pthread_mutex_t *lock;
    struct known *pair = place_of(k->id, &lock);

    pthread_mutex_lock(lock);
    struct known *at = find_in(pair, k->id);
    bool mine = !at || !at->noted_at || now - at->noted_at >= MINUTE_MS * (int64_t)1000;
    if (mine && at)
        at->noted_at = now;
    pthread_mutex_unlock(lock);
    return mine;
}

struct note { struct work *work; int64_t token; };

static enum err write_use(struct work *w, void *arg)
{
    const struct note *n = arg;

    return token_row_used(w, n->token, w->now, w->now - MINUTE_MS);
}

static void use_written(void *arg, enum err result)
{
    struct note *n = arg;

    if (result != OK)
        log_debug("the last use of the token %s was not noted: %s", id_text(n->token), err_text());
    work_free(n->work);
}

static void note_use(struct work *w, const struct known *k)
{
    static const struct actor actor = { "http", "token" };

    if (w->now - k->used_at < MINUTE_MS || !claim_note(k))
        return;
    struct work *own = work_new(w->store, &actor);
    struct note *n = NEW(own->mem, struct note);
    *n = (struct note){ own, k->id };
    own->workspace = k->workspace;
    own->now = w->now;
    store_submit(own, write_use, n, use_written, n);
}

/* ---- checking ---- */

struct sent { const char *text; size_t n; int64_t id; };

static enum err refused(void)
{
    return errf(ERR_DENIED, "this token is not valid: it is unknown, has expired or was revoked");
}

/* "scim_aaaaaaaaaaaaa_…": the id, if it is laid out as ours are. */
static bool read_parts(const char *s, size_t n, int64_t *id)
{
    enum { REST = 1 + (ID_TEXT - 1) + 1 + SECRET_TEXT };
    char text[ID_TEXT] = "";
    enum token_class class;
    char name[16] = "";

    if (n < REST || n - REST >= sizeof name)
        return false;
    memcpy(name, s, n - REST);
    s += n - REST;
    memcpy(text, s + 1, ID_TEXT - 1);
    if (!token_class_read(name, &class) || s[0] != '_' || s[ID_TEXT] != '_')
        return false;
    for (size_t i = 0; i < SECRET_TEXT; i++)
        if (!s[ID_TEXT + 1 + i] || !strchr(letters, s[ID_TEXT + 1 + i]))
            return false;
    return id_read(text, id);
}

static enum err read_header(const char *authorization, struct sent *out)
{
    static const char scheme[] = "Bearer";
    char word[sizeof scheme] = "";

    if (str_empty(authorization))
        return errf(ERR_DENIED, "no token was sent; send one as `Authorization: Bearer TOKEN`");
    memcpy(word, authorization, strnlen(authorization, sizeof scheme - 1));
    if (!str_eq_nocase(word, scheme) || authorization[sizeof scheme - 1] != ' ')
        return refused();
    const char *s = authorization + sizeof scheme - 1;
    s += strspn(s, " \t");
    size_t n = strcspn(s, " \t\r\n");
    if (s[n + strspn(s + n, " \t\r\n")] != '\0' || n < sizeof prefix ||
        memcmp(s, prefix, sizeof prefix - 1) != 0 ||
        !read_parts(s + sizeof prefix - 1, n - (sizeof prefix - 1), &out->id))
        return refused();
    out->text = s;
    out->n = n;
    return OK;
}

static enum err look_up(struct work *w, int64_t id, struct known *out)
{
    int64_t read_at = clock_tick();         /* before: what is revoked meanwhile is forgotten in time */
    struct token t;

    TRY(token_row_find(w, id, &t, &out->hash));
    if (!t.id)
        return refused();
    out->id = t.id;
    out->workspace = t.workspace;
    out->source = t.source;
    out->created_at = t.created_at;
    out->expires_at = t.expires_at;
    out->used_at = t.used_at;
    out->class = t.class;
    out->paused = t.paused;
    out->read_at = read_at;
    snprintf(out->name, sizeof out->name, "%s", t.name);
    remember(out);
    return OK;
}

enum err token_check(struct work *w, const char *authorization, struct token *out)
{
    struct sent sent;
    struct known k = {};

    TRY(read_header(authorization, &sent));
    if (!recall(sent.id, &k))
        TRY(look_up(w, sent.id, &k));
    struct crypt_digest hash = hash_of(w, sent.text, sent.n);
    if (!crypt_digest_same(&hash, &k.hash) || (k.expires_at && w->now >= k.expires_at))
        return refused();
    note_use(w, &k);
    *out = (struct token){ .id = k.id,
                           .workspace = k.workspace,
                           .source = k.source,
                           .created_at = k.created_at,
                           .expires_at = k.expires_at,
                           .used_at = k.used_at,
                           .class = k.class,
                           .paused = k.paused,
                           .name = arena_text(w->mem, k.name) };
    return OK;
}

/* ---- revoking ---- */

struct revoking { const char *who; int64_t id; };

static enum err write_revoked(struct work *w, void *arg)
{
    struct revoking *r = arg;
    struct token *all;
    AUTO_BUF known = {};
    int64_t id = 0;
    size_t n;

    r->id = 0;
    if (!id_read(r->who, &id))
        id = 0;
    TRY(token_rows(w, &all, &n));
    for (size_t i = 0; i < n; i++) {
        if (str_eq(all[i].name, r->who))
            r->id = all[i].id;          /* a name that looks like an id is a name */
        buf_printf(&known, "%s%s", i ? ", " : "", all[i].name);
    }
    for (size_t i = 0; i < n && !r->id; i++)
        if (all[i].id == id)
            r->id = id;
    if (r->id)
        return token_row_drop(w, r->id);
    if (n == 0)
        return errf(ERR_NOT_FOUND, "there is no token '%s', and no other; `muster token add` makes "
                                   "one", r->who);
    return errf(ERR_NOT_FOUND, "there is no token '%s'; there is: %s", r->who, known.at);
}

enum err token_revoke(struct work *w, const char *name_or_id)
{
    struct revoking r = { .who = name_or_id };

    TRY(store_write(w, write_revoked, &r));
    forget(r.id);
    return OK;
}
