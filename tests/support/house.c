/* house.c — see house.h. */
#include "support/house.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "auth/token.h"
#include "base/str.h"
#include "support/scim.h"
#include "sync/inbound.h"

enum { ANSWER_MOST = 16 * 1024 * 1024 };

static const char *new_token(struct work *w, const char *source, int64_t *id)
{
    struct source_row row;
    const char *text;

    assert_ok(inbound_source(w, source, true, &row));
    struct token token = { .class = TOKEN_SCIM, .name = source, .source = row.id };
    assert_ok(token_add(w, &token, &text));
    *id = row.id;
    return text;
}

const char *token_of(struct house *h, const char *source)
{
    return new_token(h->work, source, &(int64_t){ 0 });
}

void open_house(struct work *w, struct house *h)
{
    reopen_for_test(w, STORE_SERVE);
    *h = (struct house){ .work = w };
    h->token = new_token(w, "scim", &h->source);
    struct server_options options = { .listen = "127.0.0.1:0",
                                      .store = w->store,
                                      .tables = api_tables,
                                      .context = &h->api,
                                      .admit = api_admit,
                                      .tell = api_tell,
                                      .finished = api_finished };
    assert_ok(server_start(&options, &h->server));
    h->port = server_port(h->server);
}

void close_house(struct house *h)
{
    server_stop(h->server);
    scim_spaces_free();
}

/* ---- one request ---- */

struct reply send_request(struct house *h, struct arena *a, const struct buf *request)
{
    struct sockaddr_in to = { .sin_family = AF_INET,
                              .sin_port = htons((uint16_t)h->port),
                              .sin_addr = { htonl(INADDR_LOOPBACK) } };
    struct reply out = {};
    AUTO_BUF got = { .max = ANSWER_MOST };
    char piece[16384];
    ssize_t n;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    for (size_t at = 0; at < request->n; at += (size_t)n) {
        n = send(fd, request->at + at, request->n - at, MSG_NOSIGNAL);
        assert_true(n > 0);
    }
    while ((n = recv(fd, piece, sizeof piece, 0)) > 0)
        assert_ok(buf_take(&got, piece, (size_t)n));
    close(fd);
    char *text = arena_textn(a, got.at ? got.at : "", got.n), *end = strstr(text, "\r\n\r\n");
    assert_non_null(end);
    assert_int_equal(sscanf(text, "HTTP/1.1 %d", &out.status), 1);
    end[2] = '\0';
    out.head = text;
    out.body = end + 4;
    out.n = got.n - (size_t)(out.body - text);
    if (out.n && strstr(out.head, "json"))
        assert_ok(json_read_in(a, out.body, out.n, &out.json));
    return out;
}

const char *header_of(struct arena *a, const struct reply *answer, const char *name)
{
    size_t n = strlen(name);

    for (const char *at = strstr(answer->head, "\r\n"); at && at[2]; at = strstr(at + 2, "\r\n"))
        if (strncasecmp(at + 2, name, n) == 0 && at[2 + n] == ':')
            return arena_textn(a, at + 4 + n, strcspn(at + 4 + n, "\r"));
    return NULL;
}

struct reply ask(struct house *h, struct arena *a, const char *method, const char *path,
                 const char *body)
{
    const char *bytes = body ? scim_text(a, body) : "";
    AUTO_BUF request = {};

    buf_printf(&request,
               "%s /scim/v2%s HTTP/1.1\r\nHost: m.test\r\nConnection: close\r\n"
               "Authorization: Bearer %s\r\n",
               method, path, h->token);
    if (body)
        buf_printf(&request, "Content-Type: application/scim+json\r\nContent-Length: %zu\r\n",
                   strlen(bytes));
    buf_printf(&request, "\r\n%s", bytes);
    return send_request(h, a, &request);
}

struct reply asked(struct house *h, struct arena *a, int status, const char *method,
                   const char *path, const char *body)
{
    struct reply r = ask(h, a, method, path, body);

    if (r.status != status)
        fail_msg("%s %s %s\nwas answered %d, not %d\n%s", method, path, body ? body : "", r.status,
                 status, r.body);
    return r;
}

yyjson_val *at_pointer(struct arena *a, yyjson_val *v, const char *pointer)
{
    char *rest = arena_text(a, pointer + 1);

    for (char *part; v && (part = strsep(&rest, "/"));)
        v = yyjson_is_arr(v) ? yyjson_arr_get(v, (size_t)atoi(part)) : yyjson_obj_get(v, part);
    return v;
}

const char *text_at(struct arena *a, const struct reply *r, const char *pointer)
{
    return yyjson_get_str(at_pointer(a, r->json, pointer));
}
