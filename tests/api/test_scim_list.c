/* test_scim_list.c — queries: pages, totals, cursors, sorting; and that an index finds what a walk finds. */
#include <stdlib.h>

#include "api/scim_cursor.h"
#include "base/id.h"
#include "base/str.h"
#include "support/people.h"
#include "support/scim.h"
#include "sync/inbound.h"

struct place {
    struct work *w;
    struct scim_asker s;
};

static void open_place(void **state, struct place *p)
{
    struct work *w = *state;
    struct source_row source;

    *p = (struct place){ .w = w, .s = { .w = w, .token = 1, .token_name = "t", .base = "/scim" } };
    assert_ok(inbound_source(w, "scim", true, &source));
    p->s.source = source.id;
    scim_spaces_free();             /* of the store before: the workspace may have the same number */
    scim_counts_changed(w->workspace, 0, false, 0);
    assert_ok(scim_space_get(w, true, &p->s.space));
}

/* ---- writing ---- */

static enum err run_op(struct work *w, void *arg)
{
    void **both = arg;
    AUTO_BUF unseen = {};

    (void)w;
    return scim_op_run(both[0], both[1], &unseen);
}

static int64_t carry_out(struct place *p, struct scim_op *op)
{
    void *both[] = { &p->s, op };

    assert_ok(scim_op_prepare(&p->s, op));
    assert_ok(store_write(p->w, run_op, both));
    scim_counts_changed(p->w->workspace, 0, false, 0);
    return op->made;
}

/* The body in the shorthand of support/scim.h. */
static int64_t made(struct place *p, enum scim_kind kind, const char *body)
{
    struct scim_op op = { .method = POST, .kind = kind, .body = scim_json(p->w->mem, body) };

    return carry_out(p, &op);
}

static void take_away(struct place *p, int64_t user)
{
    struct scim_op op = { .method = DELETE, .kind = SCIM_USERS, .id = user };

    carry_out(p, &op);
}

/* ---- asking ---- */

enum who { USERS, GROUPS, BOTH };

struct page {
    enum err error;
    int64_t total, items;
    const char *next;
    const char *ids;                /* "ID ID " */
};

static struct page asked(struct place *p, enum who who, struct scim_query q)
{
    struct page out = { .total = -1 };
    AUTO_BUF reply = {}, ids = {};
    yyjson_val *root, *one;
    size_t i, n;

    q.start = MAX(q.start, 1);
    if (!q.has_count)
        q.count = SCIM_PAGE_MOST;
    out.error = scim_query_run(&p->s, &q, who != GROUPS, who != USERS, &reply);
    if (out.error)
        return out;
    assert_ok(json_read_in(p->w->mem, reply.at, reply.n, &root));
    yyjson_arr_foreach(yyjson_obj_get(root, "Resources"), i, n, one)
        buf_printf(&ids, "%s ", json_text(one, "id"));
    out.total = json_int(root, "totalResults", -1);
    out.items = json_int(root, "itemsPerPage", -1);
    out.next = json_text(root, "nextCursor");
    out.ids = arena_text(p->w->mem, ids.at ? ids.at : "");
    assert_int_equal(out.items, n);
    return out;
}

static const char *all_of(struct place *p, enum who who, struct scim_query q)
{
    struct page page = asked(p, who, q);

    assert_ok(page.error);
    assert_int_equal(page.total, page.items);
    return page.ids;
}

/* Page by page, by index or by cursor. Fails if it does not come to an end. */
static const char *walked(struct place *p, enum who who, struct scim_query q, int64_t count,
                          bool cursor)
{
    AUTO_BUF all = {};
    struct page page = {};

    q.count = count;
    q.has_count = true;
    q.cursor = cursor ? "" : NULL;
    for (int64_t round = 0; round == 0 || (cursor ? page.next != NULL : *page.ids != 0); round++) {
        q.start = 1 + (cursor ? 0 : round * count);
        page = asked(p, who, q);
        assert_ok(page.error);
        assert_true(page.items <= count);
        assert_true(round < 1000);
        buf_puts(&all, page.ids);
        q.cursor = cursor ? page.next : NULL;
    }
    return arena_text(p->w->mem, all.at ? all.at : "");
}

static void check_pages(struct place *p, enum who who, struct scim_query q, const char *what)
{
    const char *whole = all_of(p, who, q);

    for (int64_t count = 1; count < 12; count += 3)
        for (int cursor = 0; cursor < (who == BOTH ? 1 : 2); cursor++) {
            const char *got = walked(p, who, q, count, cursor);
            if (!str_eq(got, whole))
                fail_msg("%s, %lld at a time by %s\n is     %s\n wanted %s", what, (long long)count,
                         cursor ? "cursor" : "index", got, whole);
        }
}

/* ---- pages ---- */

static void some_users(struct place *p, int n)
{
    for (int i = 0; i < n; i++)
        made(p, SCIM_USERS,
             arena_printf(p->w->mem, "{'userName':'u%d','title':'%s'%s}", i,
                          i % 3 ? i % 2 ? "Cook" : "cook" : "Baker",
                          i % 5 ? "" : ",'displayName':'D'"));
}

static void PAG_pages_make_up_the_whole(void **state)
{
    struct place p;

    open_place(state, &p);
    some_users(&p, 23);
    check_pages(&p, USERS, (struct scim_query){}, "all");
    check_pages(&p, USERS, (struct scim_query){ .filter = "title eq \"cook\"" }, "a filter");
    check_pages(&p, USERS, (struct scim_query){ .filter = "userName eq \"u7\"" }, "one by index");
    check_pages(&p, USERS, (struct scim_query){ .filter = "userName eq \"nobody\"" }, "nobody");
    for (int i = 0; i < 5; i++)
        made(&p, SCIM_GROUPS, arena_printf(p.w->mem, "{'displayName':'g%d'}", i));
    check_pages(&p, GROUPS, (struct scim_query){}, "groups");
    check_pages(&p, BOTH, (struct scim_query){}, "users and groups");
    check_pages(&p, BOTH, (struct scim_query){ .filter = "displayName pr" }, "both, filtered");
}

/* More of them than are looked at in one go. */
static void PAG_a_filter_goes_through_everybody(void **state)
{
    struct place p;

    open_place(state, &p);
    some_users(&p, 430);
    struct scim_query q = { .filter = "displayName eq \"D\"" };
    assert_int_equal(asked(&p, USERS, q).total, 86);
    const char *whole = all_of(&p, USERS, q);
    assert_string_equal(walked(&p, USERS, q, 40, true), whole);
    assert_string_equal(walked(&p, USERS, q, 40, false), whole);
    q.sort_by = "title";
    whole = all_of(&p, USERS, q);
    assert_string_equal(walked(&p, USERS, q, 40, true), whole);
}

static void SRT_03_ties_are_broken_by_id(void **state)
{
    static const char *const keys[] = { "title", "displayName", "userName", "meta.created",
                                        "name.familyName" };
    struct place p;

    open_place(state, &p);
    some_users(&p, 20);
    for (size_t i = 0; i < COUNT(keys); i++)
        for (int down = 0; down < 2; down++)
            check_pages(&p, USERS,
                        (struct scim_query){ .sort_by = keys[i],
                                             .sort_order = down ? "descending" : "ascending" },
                        keys[i]);
}

static void SRT_03_long_keys_neither_repeat_nor_lose_anybody(void **state)
{
    struct place p;
    char *title;

    open_place(state, &p);
    title = arena_alloc(p.w->mem, 1000);
    for (size_t n = 505; n < 520; n += 2) {
        memset(title, 'x', n);
        title[n] = '\0';
        made(&p, SCIM_USERS, arena_printf(p.w->mem, "{'userName':'u%zu','title':'%s'}", n, title));
    }
    check_pages(&p, USERS, (struct scim_query){ .sort_by = "title" }, "up");
    check_pages(&p, USERS, (struct scim_query){ .sort_by = "title", .sort_order = "descending" },
                "down");
}

static void CUR_a_sorted_walk_through_groups_of_somebody_is_whole(void **state)
{
    struct place p;

    open_place(state, &p);
    int64_t user = made(&p, SCIM_USERS, "{'userName':'u'}");
    const char *id = arena_text(p.w->mem, id_text(user));
    for (int i = 0; i < 9; i++)                 /* later ids have earlier names */
        made(&p, SCIM_GROUPS,
             arena_printf(p.w->mem, "{'displayName':'g%d','members':[{'value':'%s'}]}", 9 - i, id));
    const char *filter = arena_printf(p.w->mem, "members.value eq \"%s\"", id);
    check_pages(&p, GROUPS, (struct scim_query){ .filter = filter }, "by id");
    check_pages(&p, GROUPS, (struct scim_query){ .filter = filter, .sort_by = "displayName" },
                "by name");
}

static void CUR_a_cursor_goes_on_where_somebody_came_or_went(void **state)
{
    struct place p;

    open_place(state, &p);
    some_users(&p, 6);
    struct scim_query q = { .cursor = "", .count = 2, .has_count = true };
    const char *whole = all_of(&p, USERS, (struct scim_query){});
    struct page first = asked(&p, USERS, q);
    int64_t gone;
    assert_true(id_read(arena_textn(p.w->mem, first.ids + 14, 13), &gone));
    take_away(&p, gone);                        /* the very one the cursor stands at */
    q.cursor = first.next;
    struct page second = asked(&p, USERS, q);
    assert_string_equal(second.ids, arena_textn(p.w->mem, whole + 28, 28));
    q.cursor = second.next;
    struct page last = asked(&p, USERS, q);
    assert_string_equal(last.ids, whole + 56);
    assert_null(last.next);
}

static void CUR_05_another_count_or_question_is_refused(void **state)
{
    struct place p;

    open_place(state, &p);
    some_users(&p, 6);
    struct scim_query q = { .cursor = "", .count = 2, .has_count = true };
    q.cursor = asked(&p, USERS, q).next;
    assert_non_null(q.cursor);
    q.count = 3;
    assert_int_equal(asked(&p, USERS, q).error, ERR_COUNT_RANGE);
    q.count = 2;
    q.sort_by = "title";
    assert_int_equal(asked(&p, USERS, q).error, ERR_CURSOR);
    q.sort_by = NULL;
    assert_int_equal(asked(&p, GROUPS, q).error, ERR_CURSOR);
    q.has_count = false;                        /* it goes on as it began */
    struct page page = asked(&p, USERS, q);
    assert_ok(page.error);
    assert_int_equal(page.items, 2);
}

static void totals_leave_out_who_is_hidden(void **state)
{
    struct place p;

    open_place(state, &p);
    int64_t gone = made(&p, SCIM_USERS, "{'userName':'gone','emails':[{'value':'gone@x.test'}]}");
    int64_t away = given_person(p.w, "email=away@x.test", NULL);
    int64_t stays = given_person(p.w, "email=stays@x.test", NULL);
    made(&p, SCIM_USERS, "{'userName':'off','active':false}");
    take_away(&p, gone);
    given_state(p.w, away, STATE_WITHDRAWN);
    given_state(p.w, stays, STATE_DEACTIVATED);
    scim_counts_changed(p.w->workspace, 0, false, 0);
    assert_int_equal(asked(&p, USERS, (struct scim_query){}).total, 2);
    assert_int_equal(asked(&p, USERS, (struct scim_query){ .filter = "id pr" }).total, 2);
    struct scim_query none = { .count = 0, .has_count = true };
    assert_int_equal(asked(&p, USERS, none).total, 2);
    assert_int_equal(asked(&p, USERS, none).items, 0);
}

static void PAG_05_a_page_behind_the_end_is_empty(void **state)
{
    static const int64_t starts[] = { 7, 1001, INT32_MAX, INT64_MAX - 1, INT64_MAX };
    struct place p;

    open_place(state, &p);
    some_users(&p, 3);
    for (int i = 0; i < 3; i++)
        made(&p, SCIM_GROUPS, arena_printf(p.w->mem, "{'displayName':'g%d'}", i));
    for (size_t i = 0; i < COUNT(starts); i++)
        for (enum who who = USERS; who <= BOTH; who++)
            for (int sorted = 0; sorted < 2; sorted++) {
                struct scim_query q;
                const char *body = arena_printf(
                    p.w->mem,
                    "{'schemas':['urn:ietf:params:scim:api:messages:2.0:SearchRequest'],"
                    "'startIndex':%lld%s}",
                    (long long)starts[i], sorted ? ",'sortBy':'displayName'" : "");
                assert_ok(scim_query_body(p.w->mem, scim_json(p.w->mem, body), &q));
                struct page page = asked(&p, who, q);
                assert_ok(page.error);
                assert_int_equal(page.items, 0);
                assert_int_equal(page.total, who == BOTH ? 6 : 3);
            }
}

/* ---- by index or not: the same ---- */

static const char *const words[] = {
    "ana@x.test", "ANA@X.test", "bo@x.test",   "Straße", "STRASSE", "zoë",        "zoe\xcc\x88",
    "ΣΊΣ",        "σίς",        "İstanbul",    "istanbul", "ﬁn",      "fin",        "a b",
    "x",          "X",          "cy@x.test",   "work",   "E1",      "e1",         "di@x.test",
};

static const char *const mails[] = {
    "ana@x.test", "ANA@X.test", "Bo@x.test", "straße@x.test", "STRASSE@x.test", "zoë@x.test",
    "zoe\xcc\x88@x.test", "ΣΊΣ@x.test", "σίς@x.test", "İ@x.test", "cy@x.test",
};

static const char *mail(void)
{
    return mails[(size_t)rand() % COUNT(mails)];
}

static const char *word(void)
{
    return words[(size_t)rand() % COUNT(words)];
}

static void a_random_user(struct place *p, int i)
{
    struct scim_op op = { .method = POST, .kind = SCIM_USERS };
    const char *name = rand() % 2 ? arena_printf(p->w->mem, "%s%d", word(), i % 7) : word();
    void *both[] = { &p->s, &op };

    op.body = scim_json(p->w->mem,
                        arena_printf(p->w->mem,
                                     "{'userName':'%s','externalId':'%s%d','title':'%s','emails':["
                                     "{'value':'%d%s','type':'work'},{'value':'%s','type':'%s'}]}",
                                     name, word(), i % 4, word(), i % 5, mail(), mail(),
                                     rand() % 2 ? "home" : "work"));
    assert_ok(scim_op_prepare(&p->s, &op));
    enum err e = store_write(p->w, run_op, both);
    if (e == ERR_CONFLICT)
        return;
    assert_ok(e);
    if (rand() % 6 == 0)
        take_away(p, op.made);
}

static void random_groups(struct place *p, const char *users)
{
    size_t n = strlen(users) / 14;

    for (int i = 0; i < 25; i++) {
        struct scim_op op = { .method = POST, .kind = SCIM_GROUPS };
        void *both[] = { &p->s, &op };
        op.body = scim_json(
            p->w->mem,
            arena_printf(p->w->mem,
                         "{'displayName':'%s%s','externalId':'%s','members':[{'value':'%.13s'},"
                         "{'value':'%.13s'}]}",
                         word(), rand() % 2 ? " " : "", word(), users + (size_t)rand() % n * 14,
                         users + (size_t)rand() % n * 14));
        assert_ok(scim_op_prepare(&p->s, &op));
        enum err e = store_write(p->w, run_op, both);
        assert_true(e == OK || e == ERR_CONFLICT);
    }
}

/* What is asked for: %s is a word, or an id. */
static const char *const user_filters[] = {
    "userName eq \"%s\"", "emails eq \"%s\"", "emails.value eq \"%s\"",
    "emails[value eq \"%s\"]", "emails[type eq \"work\"].value eq \"%s\"",
    "emails[type eq \"work\" and value eq \"%s\"]", "externalId eq \"%s\"", "id eq \"%s\"",
    "title eq \"x\" and userName eq \"%s\"", "userName eq \"%s\" and active eq false",
    "URN:ietf:params:scim:schemas:core:2.0:User:userName eq \"%s\"", "(emails.value eq \"%s\")",
    "emails.value eq \"%s\" and emails.type eq \"home\"", "not (userName eq \"%s\")",
};
static const char *const group_filters[] = {
    "displayName eq \"%s\"", "externalId eq \"%s\"", "id eq \"%s\"", "members eq \"%s\"",
    "members.value eq \"%s\"", "members[value eq \"%s\"]",
    "members.value eq \"%s\" and displayName co \"x\"", "members[value eq \"%s\" and display pr]",
};

/* With an `or` no index is asked. True if somebody was found. */
static bool compare(struct place *p, enum who who, const char *filter)
{
    const struct scim_resource *type =
        who == USERS ? &p->s.space->scim->user : &p->s.space->scim->group;
    const char *walk = arena_printf(p->w->mem, "(%s) or id eq \"-\"", filter);
    struct filter_key *keys;
    struct filter *f;

    assert_ok(filter_parse(p->w->mem, type, walk, &f));
    assert_int_equal(filter_keys(p->w->mem, f, &keys), 0);
    struct page keyed = asked(p, who, (struct scim_query){ .filter = filter });
    struct page all = asked(p, who, (struct scim_query){ .filter = walk });
    assert_ok(keyed.error);
    assert_ok(all.error);
    if (!str_eq(keyed.ids, all.ids) || keyed.total != all.total)
        fail_msg("%s\n by index %s\n by walk  %s", filter, keyed.ids, all.ids);
    return keyed.total > 0;
}

static void an_index_finds_what_a_walk_finds(void **state)
{
    struct place p;
    int hits = 0;

    open_place(state, &p);
    srand(11);
    for (int i = 0; i < 150; i++) {
        a_random_user(&p, i);
        if (i % 6 == 0)
            given_person(p.w, arena_printf(p.w->mem, "email=hand%d@x.test", i), "title=x", NULL);
    }
    const char *users = all_of(&p, USERS, (struct scim_query){});
    random_groups(&p, users);
    const char *groups = all_of(&p, GROUPS, (struct scim_query){});
    assert_true(strlen(users) / 14 > 30);
    assert_true(strlen(groups) / 14 > 10);
    for (int round = 0; round < 400; round++) {
        struct arena_mark mark = arena_mark(p.w->mem);
        enum who who = round % 2 ? USERS : GROUPS;
        const char *shape = who == USERS ? user_filters[(size_t)rand() % COUNT(user_filters)]
                                         : group_filters[(size_t)rand() % COUNT(group_filters)];
        const char *among = rand() % 3 ? users : groups;
        const char *value = word();
        if (strstr(shape, "id eq") || strstr(shape, "members"))
            value = arena_textn(p.w->mem, among + (size_t)rand() % (strlen(among) / 14) * 14, 13);
        else if (strstr(shape, "emails"))
            value = rand() % 2 ? mail() : arena_printf(p.w->mem, "%d%s", rand() % 5, mail());
        else if (rand() % 2)
            value = arena_printf(p.w->mem, "%s%d", value, rand() % 7);
        char *at = strstr(shape, "%s");
        hits += compare(
            &p, who, arena_printf(p.w->mem, "%.*s%s%s", (int)(at - shape), shape, value, at + 2));
        arena_reset(p.w->mem, mark);
    }
    assert_true(hits > 100);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        BOTH_ENGINES(PAG_pages_make_up_the_whole),
        BOTH_ENGINES(PAG_05_a_page_behind_the_end_is_empty),
        ON_SQLITE(PAG_a_filter_goes_through_everybody),
        ON_SQLITE(SRT_03_ties_are_broken_by_id),
        ON_SQLITE(SRT_03_long_keys_neither_repeat_nor_lose_anybody),
        BOTH_ENGINES(CUR_a_sorted_walk_through_groups_of_somebody_is_whole),
        BOTH_ENGINES(CUR_a_cursor_goes_on_where_somebody_came_or_went),
        ON_SQLITE(CUR_05_another_count_or_question_is_refused),
        BOTH_ENGINES(totals_leave_out_who_is_hidden),
        BOTH_ENGINES(an_index_finds_what_a_walk_finds),
    };
    int failed = RUN_TESTS(tests);

    scim_spaces_free();
    return failed;
}
