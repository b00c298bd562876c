/* test_token.c — tokens: shown once, known by their hash, gone within a second. */
#include "auth/token.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/id.h"
#include "base/str.h"
#include "support/support.h"

static const struct token scim = { .class = TOKEN_SCIM, .name = "Entra", .source = 7 };

static const char *given_token(struct work *w, const struct token *t)
{
    const char *secret;

    assert_ok(token_add(w, t, &secret));
    return secret;
}

static const char *bearer(struct work *w, const char *secret)
{
    return arena_printf(w->mem, "Bearer %s", secret);
}

static struct work *elsewhere(struct work *w)
{
    struct work *other = work_new(w->store, w->actor);

    other->now = w->now;
    return other;
}

/* "SEC-02": random, hashed, shown once, named. */
static void a_token_is_shown_once_and_then_recognised(void **state)
{
    struct work *w = *state;
    AUTO(work) *caller = elsewhere(w);
    const char *secret = given_token(w, &scim);
    struct token t, *all;
    struct rows r;
    size_t n;

    assert_true(str_starts(secret, "muster_scim_"));
    assert_int_equal(strlen(secret), strlen("muster_scim_") + 13 + 1 + 32);
    assert_ok(token_check(caller, bearer(w, secret), &t));
    assert_int_equal(t.workspace, w->workspace);
    assert_int_equal(t.source, 7);
    assert_int_equal(t.class, TOKEN_SCIM);
    assert_string_equal(t.name, "Entra");
    assert_int_equal(caller->workspace, 0);
    assert_ok(token_list(w, &all, &n));
    assert_int_equal(n, 1);
    assert_int_equal(all[0].created_at, w->now);
    assert_ok(store_query(w, &r, "SELECT hash FROM token WHERE workspace = ?", num(w->workspace)));
    assert_null(strstr(rows_text(&r, 0, 0), secret + strlen(secret) - 32));
    assert_int_equal(strlen(rows_text(&r, 0, 0)), 64);
}

static void no_two_secrets_are_alike(void **state)
{
    enum { MANY = 50 };
    struct work *w = *state;
    const char *secrets[MANY];
    bool used[256] = {};
    size_t letters = 0;

    for (int i = 0; i < MANY; i++) {
        struct token t = { .class = TOKEN_ADMIN, .name = arena_printf(w->mem, "t%d", i) };
        secrets[i] = given_token(w, &t);
        for (const char *s = secrets[i] + strlen(secrets[i]) - 32; *s; s++) {
            letters += !used[(unsigned char)*s];
            used[(unsigned char)*s] = true;
        }
        for (int k = 0; k < i; k++)
            assert_string_not_equal(secrets[i] + strlen(secrets[i]) - 32,
                                    secrets[k] + strlen(secrets[k]) - 32);
    }
    assert_int_equal(letters, 32);
}

/* "SEC-05": one answer to everything that is wrong. */
static void whatever_is_wrong_gets_the_same_answer(void **state)
{
    static const char answer[] =
        "this token is not valid: it is unknown, has expired or was revoked";
    struct work *w = *state;
    const char *secret = given_token(w, &scim);
    char *other = arena_text(w->mem, secret), *id = arena_text(w->mem, secret);
    char *class = arena_printf(w->mem, "Bearer muster_admin_%s", secret + strlen("muster_scim_"));
    struct token t;

    other[strlen(other) - 1] ^= 1;
    if (other[strlen(other) - 1] < 'a')
        other[strlen(other) - 1] = 'q';
    id[strlen("muster_scim_") + 12] = id[strlen("muster_scim_") + 12] == 'a' ? 'b' : 'a';
    const char *const wrong[] = {
        bearer(w, other),
        bearer(w, id),
        class,
        secret,
        "Bearer",
        "Bearer ",
        "Bearer x",
        "Bearer muster_scim_",
        "Basic YWRhOnNlY3JldA==",
        arena_printf(w->mem, "Bearer %s more", secret),
        arena_printf(w->mem, "Bearer %sa", secret),
        arena_printf(w->mem, "Bearer x%s", secret),
        arena_printf(w->mem, "Bearer %.40s", secret),
        arena_printf(w->mem, "Bearer muster_%0500d", 0),
    };

    for (size_t i = 0; i < COUNT(wrong); i++) {
        enum err e = token_check(w, wrong[i], &t);
        if (e != ERR_DENIED || !str_eq(err_text(), answer))
            fail_msg("'%s': %s %s", wrong[i], err_row(e)->name, e == OK ? "" : err_text());
    }
    assert_err(token_check(w, NULL, &t), ERR_DENIED, "no token was sent");
    assert_err(token_check(w, "", &t), ERR_DENIED, "no token was sent");
    assert_ok(token_check(w, arena_printf(w->mem, "bearer   %s ", secret), &t));
}

static void an_expired_token_is_refused_at_its_instant(void **state)
{
    struct work *w = *state;
    struct token soon = scim, t;

    soon.expires_at = w->now + 1000;
    const char *sent = bearer(w, given_token(w, &soon));
    assert_ok(token_check(w, sent, &t));
    assert_int_equal(t.expires_at, soon.expires_at);
    w->now += 1000;
    assert_err(token_check(w, sent, &t), ERR_DENIED, "has expired");
}

static void names_are_unique_in_a_workspace(void **state)
{
    struct work *w = *state;
    struct token content = { .class = TOKEN_CONTENT, .name = "Entra" };
    const char *secret;

    given_token(w, &scim);
    assert_err(token_add(w, &content, &secret), ERR_CONFLICT, "there is a token 'Entra' already");
    w->workspace++;
    assert_ok(token_add(w, &content, &secret));
}

static void a_name_is_one_line(void **state)
{
    static const char *const names[] = { "", "a\tb", "a\nb", "\xff",
                                         "0123456789012345678901234567890123456789"
                                         "0123456789012345678901234" };
    struct work *w = *state;
    const char *secret;

    for (size_t i = 0; i < COUNT(names); i++) {
        struct token t = { .class = TOKEN_ADMIN, .name = names[i] };
        assert_err(token_add(w, &t, &secret), ERR_USAGE, "a token's name has");
    }
}

/* "SEC-03": the second of a source lives on when the first is revoked. */
static void revoking_one_leaves_the_others(void **state)
{
    struct work *w = *state;
    struct token second = scim, t;

    second.name = "Entra 2027";
    const char *old = bearer(w, given_token(w, &scim)), *new = bearer(w, given_token(w, &second));
    assert_ok(token_check(w, old, &t));
    assert_err(token_revoke(w, "Okta"), ERR_NOT_FOUND,
               "there is no token 'Okta'; there is: Entra, Entra 2027");
    assert_ok(token_revoke(w, "Entra"));
    assert_err(token_check(w, old, &t), ERR_DENIED, "was revoked");
    assert_ok(token_check(w, new, &t));
    assert_ok(token_revoke(w, id_text(t.id)));
    assert_err(token_check(w, new, &t), ERR_DENIED, "was revoked");
    assert_err(token_revoke(w, "Entra"), ERR_NOT_FOUND, "and no other");
}

static enum err drop_all(struct work *w, void *arg)
{
    (void)arg;
    return store_run(w, "DELETE FROM token WHERE workspace = ?", num(w->workspace));
}

/* As another process does it: this one's memory is not told. */
static void a_revocation_elsewhere_holds_within_a_second(void **state)
{
    struct work *w = *state;
    const char *sent = bearer(w, given_token(w, &scim));
    struct timespec second = { 1, 10000000 };
    struct token t;

    assert_ok(token_check(w, sent, &t));
    assert_ok(store_write(w, drop_all, NULL));
    assert_ok(token_check(w, sent, &t));
    nanosleep(&second, NULL);
    assert_err(token_check(w, sent, &t), ERR_DENIED, "was revoked");
}

static void the_last_use_is_noted_at_most_once_a_minute(void **state)
{
    struct work *w = *state;
    const char *sent = bearer(w, given_token(w, &scim));
    int64_t first = w->now;
    struct token t, *all;
    size_t n;

    reopen_for_test(w, STORE_SERVE);
    for (int i = 0; i < 20; i++, w->now++)
        assert_ok(token_check(w, sent, &t));
    reopen_for_test(w, 0);                      /* what was queued is written */
    assert_ok(token_list(w, &all, &n));
    assert_int_equal(all[0].used_at, first);
    /* Another process, or this one after a restart, a moment later. */
    w->now = first + 59999;
    reopen_for_test(w, STORE_SERVE);
    assert_ok(token_check(w, sent, &t));
    reopen_for_test(w, 0);
    assert_ok(token_list(w, &all, &n));
    assert_int_equal(all[0].used_at, first);
}

static void a_token_of_another_class_is_told_which_to_make(void **state)
{
    static const struct { enum token_class is, wanted; const char *says; } cases[] = {
        { TOKEN_CONTENT, TOKEN_SCIM,
          "this is a Content API token; create a SCIM token in Integrations → SCIM" },
        { TOKEN_SCIM, TOKEN_CONTENT,
          "this is a SCIM token; create a Content API token in Integrations → API" },
        { TOKEN_ADMIN, TOKEN_SCIM,
          "this is an admin token; create a SCIM token in Integrations → SCIM" },
        { TOKEN_CONTENT, TOKEN_ADMIN,
          "this is a Content API token; create an admin token in Integrations → API" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct token t = { .class = cases[i].is };
        assert_err(token_is(&t, cases[i].wanted), ERR_FORBIDDEN, cases[i].says);
        assert_ok(token_is(&t, cases[i].is));
    }
}

/* ---- many at once ---- */

struct asking {
    struct work *w;
    const char *const *sent;
    size_t n;
    int wrong;
    pthread_t thread;
};

enum { THREADS = 4, TOKENS = 12, ROUNDS = 2000 };

static void *ask(void *arg)
{
    struct asking *a = arg;

    for (size_t i = 0; i < ROUNDS; i++) {
        AUTO(work) *w = elsewhere(a->w);
        struct token t;
        bool good = token_check(w, a->sent[i % a->n], &t) == OK;
        bool right = good && str_eq(t.name, arena_printf(w->mem, "t%d", (int)(i % a->n)));
        a->wrong += !right;
    }
    return NULL;
}

static void threads_that_ask_at_once_get_their_own_answers(void **state)
{
    struct work *w = *state;
    const char *sent[TOKENS];
    struct asking askers[THREADS];

    for (int i = 0; i < TOKENS; i++) {
        struct token t = { .class = TOKEN_CONTENT, .name = arena_printf(w->mem, "t%d", i) };
        sent[i] = bearer(w, given_token(w, &t));
    }
    reopen_for_test(w, STORE_SERVE);
    for (int i = 0; i < THREADS; i++) {
        askers[i] = (struct asking){ .w = w, .sent = sent, .n = TOKENS };
        assert_int_equal(pthread_create(&askers[i].thread, NULL, ask, &askers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(askers[i].thread, NULL);
        assert_int_equal(askers[i].wrong, 0);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        BOTH_ENGINES(a_token_is_shown_once_and_then_recognised),
        ON_SQLITE(no_two_secrets_are_alike),
        BOTH_ENGINES(whatever_is_wrong_gets_the_same_answer),
        BOTH_ENGINES(an_expired_token_is_refused_at_its_instant),
        BOTH_ENGINES(names_are_unique_in_a_workspace),
        ON_SQLITE(a_name_is_one_line),
        BOTH_ENGINES(revoking_one_leaves_the_others),
        BOTH_ENGINES(a_revocation_elsewhere_holds_within_a_second),
        BOTH_ENGINES(the_last_use_is_noted_at_most_once_a_minute),
        TEST(a_token_of_another_class_is_told_which_to_make),
        BOTH_ENGINES(threads_that_ask_at_once_get_their_own_answers),
    };

    return RUN_TESTS(tests);
}
