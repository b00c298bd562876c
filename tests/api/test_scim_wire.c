/*
 * test_scim_wire.c — what SCIM clients send (tests/wire/, its README has the format), word for word, against the
 * real routes and handlers in this process, under sanitizers. tests/e2e/test_scim_wire.py does the same to the program.
 */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/str.h"
#include "support/house.h"

enum { NAMES = 64 };

/* ---- {names} ---- */

struct names {
    struct arena *a;
    struct { const char *name, *text; } list[NAMES];
    size_t n;
};

static void name_it(struct names *k, const char *name, const char *text)
{
    assert_true(k->n < NAMES);
    for (size_t i = 0; i < k->n; i++)
        if (str_eq(k->list[i].name, name)) {
            k->list[i].text = text;
            return;
        }
    k->list[k->n].name = name;
    k->list[k->n++].text = text;
}

static const char *filled(const struct names *k, const char *text)
{
    AUTO_BUF out = {};

    while (*text) {
        size_t i = 0, n = 0;
        for (; *text == '{' && i < k->n; i++) {
            n = strlen(k->list[i].name);
            if (strncmp(text + 1, k->list[i].name, n) == 0 && text[n + 1] == '}')
                break;
        }
        if (*text == '{' && i < k->n) {
            buf_puts(&out, k->list[i].text);
            text += n + 2;
        } else {
            buf_putc(&out, *text++);
        }
    }
    return arena_textn(k->a, out.at ? out.at : "", out.n);
}

/* ---- what is expected ---- */

static bool holds(yyjson_val *got, yyjson_val *wanted)
{
    yyjson_val *key, *val, *other;
    size_t i, n, k, m;
    bool found;

    if (yyjson_equals_str(wanted, "*"))
        return got != NULL;
    if (yyjson_is_obj(wanted)) {
        yyjson_obj_foreach(wanted, i, n, key, val)
            if (!holds(yyjson_obj_get(got, yyjson_get_str(key)), val))
                return false;
        return yyjson_is_obj(got);
    }
    if (yyjson_is_arr(wanted)) {
        yyjson_arr_foreach(wanted, i, n, val) {
            found = false;
            yyjson_arr_foreach(got, k, m, other)
                found |= holds(other, val);
            if (!found)
                return false;
        }
        return yyjson_is_arr(got);
    }
    return got && yyjson_equals(got, wanted);
}

static bool status_fits(yyjson_val *wanted, int status)
{
    yyjson_val *one;
    size_t i, n;

    if (yyjson_is_int(wanted))
        return yyjson_get_int(wanted) == status;
    yyjson_arr_foreach(wanted, i, n, one)
        if (yyjson_get_int(one) == status)
            return true;
    return false;
}

static bool fits(struct arena *a, const struct reply *answer, yyjson_val *body, yyjson_val *expect)
{
    yyjson_val *key, *val, *wanted = yyjson_obj_get(expect, "body");
    size_t i, n;
    bool ok = status_fits(yyjson_obj_get(expect, "status"), answer->status) &&
              (!wanted || holds(body, wanted));

    yyjson_arr_foreach(yyjson_obj_get(expect, "absent"), i, n, val)
        ok &= !at_pointer(a, body, yyjson_get_str(val));
    yyjson_obj_foreach(yyjson_obj_get(expect, "size"), i, n, key, val)
        ok &= (int64_t)yyjson_arr_size(at_pointer(a, body, yyjson_get_str(key))) ==
              yyjson_get_sint(val);
    yyjson_obj_foreach(yyjson_obj_get(expect, "headers"), i, n, key, val)
        ok &= str_eq(header_of(a, answer, yyjson_get_str(key)), yyjson_get_str(val));
    return ok;
}

/* ---- a conversation ---- */

static void put_headers(struct buf *to, yyjson_val *headers, yyjson_val *instead, bool body)
{
    yyjson_val *key, *val;
    size_t i, n;

    yyjson_obj_foreach(headers, i, n, key, val) {
        bool kept = !instead || !yyjson_obj_get(instead, yyjson_get_str(key));
        if (kept && (body || !yyjson_equals_str(key, "Content-Type")))
            buf_printf(to, "%s: %s\r\n", yyjson_get_str(key), yyjson_get_str(val));
    }
}

static bool has_header(yyjson_val *headers, const char *name)
{
    yyjson_val *key, *val;
    size_t i, n;

    yyjson_obj_foreach(headers, i, n, key, val)
        if (str_eq_nocase(yyjson_get_str(key), name))
            return true;
    return false;
}

static void write_request(struct buf *to, struct house *h, yyjson_val *talk, yyjson_val *asked)
{
    yyjson_val *body = yyjson_obj_get(asked, "body"), *text = yyjson_obj_get(asked, "text");
    yyjson_val *own = yyjson_obj_get(asked, "headers");
    AUTO_BUF bytes = {};
    struct json_out o = { .to = &bytes };

    if (text)
        buf_puts(&bytes, yyjson_get_str(text));
    else if (body)
        json_val(&o, body);
    buf_printf(to, "%s /scim/v2%s HTTP/1.1\r\nHost: wire.test\r\nConnection: close\r\n",
               json_text(asked, "method"), json_text(asked, "path"));
    if (!has_header(own, "Authorization"))
        buf_printf(to, "Authorization: Bearer %s\r\n", h->token);
    put_headers(to, yyjson_obj_get(talk, "headers"), own, bytes.n != 0);
    put_headers(to, own, NULL, bytes.n != 0);
    if (bytes.n)
        buf_printf(to, "Content-Length: %zu\r\n", bytes.n);
    buf_puts(to, "\r\n");
    buf_add(to, bytes.at ? bytes.at : "", bytes.n);
}

static void take_step(struct house *h, struct names *known, yyjson_val *talk, yyjson_val *raw,
                      size_t number)
{
    struct arena *a = known->a;
    AUTO_BUF text = {}, request = {};
    struct json_out o = { .to = &text };
    yyjson_val *step, *key, *val;
    size_t i, n;

    json_val(&o, raw);
    const char *now = filled(known, text.at);
    assert_ok(json_read_in(a, now, strlen(now), &step));
    write_request(&request, h, talk, yyjson_obj_get(step, "request"));
    struct reply answer = send_request(h, a, &request);
    if (!fits(a, &answer, answer.json, yyjson_obj_get(step, "expect")))
        fail_msg("step %zu of \"%s\"\n%s\n\nwas answered\n%s\n%s", number, json_text(talk, "about"),
                 request.at, answer.head, answer.body);
    yyjson_obj_foreach(yyjson_obj_get(step, "save"), i, n, key, val) {
        yyjson_val *found = at_pointer(a, answer.json, yyjson_get_str(val));
        assert_non_null(found);
        if (yyjson_is_str(found))
            name_it(known, yyjson_get_str(key), yyjson_get_str(found));
    }
}

static void hold(struct house *h, const char *path, size_t number)
{
    AUTO(arena) *a = arena_new();
    AUTO(json) *file = NULL;
    struct names known = { .a = a };
    yyjson_val *step;
    size_t i, n;

    print_message("%s\n", path);
    assert_ok(json_read_file(path, MB(8), &file));
    yyjson_val *talk = json_root(file);
    name_it(&known, "unique", arena_printf(a, "w%zu", number));
    name_it(&known, "UNIQUE", arena_printf(a, "W%zu", number));
    name_it(&known, "base", "http://wire.test/scim/v2");
    yyjson_arr_foreach(yyjson_obj_get(talk, "steps"), i, n, step)
        take_step(h, &known, talk, step, i + 1);
}

static void every_conversation_goes_as_recorded(void **state)
{
    struct house h;
    glob_t files;

    open_house(*state, &h);
    assert_int_equal(glob("tests/wire/*/*.json", 0, NULL, &files), 0);
    assert_true(files.gl_pathc > 20);
    for (size_t i = 0; i < files.gl_pathc; i++)
        hold(&h, files.gl_pathv[i], i);
    globfree(&files);
    close_house(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = { BOTH_ENGINES(every_conversation_goes_as_recorded) };

    return RUN_TESTS(tests);
}
