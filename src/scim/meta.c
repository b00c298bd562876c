/* meta.c — what every resource says of itself: times, version, location (RFC 7643 §3.1). */
#include "base/clock.h"
#include "base/id.h"
#include "scim/user.h"

static void put_digits(char *to, int n, int digits)
{
    for (int i = digits - 1; i >= 0; i--, n /= 10)
        to[i] = (char)('0' + n % 10);
}

void scim_write_time(struct buf *to, int64_t ms)
{
    struct civil t = civil_of(ms);
    char text[] = "0000-00-00T00:00:00.000Z";

    put_digits(text, t.year, 4);
    put_digits(text + 5, t.month, 2);
    put_digits(text + 8, t.day, 2);
    put_digits(text + 11, t.hour, 2);
    put_digits(text + 14, t.minute, 2);
    put_digits(text + 17, t.second, 2);
    put_digits(text + 20, (int)(ms % 1000), 3);
    buf_add(to, text, sizeof text - 1);
}

const char *scim_etag(struct arena *a, int64_t version)
{
    return arena_printf(a, "W/\"%lld\"", (long long)version);
}

void scim_write_meta(struct buf *to, const struct scim_meta *m, const char *base)
{
    buf_puts(to, "{\"resourceType\":\"");
    buf_puts(to, m->type);
    buf_puts(to, "\",\"created\":\"");
    scim_write_time(to, m->created_at);
    buf_puts(to, "\",\"lastModified\":\"");
    scim_write_time(to, m->updated_at);
    buf_puts(to, "\",\"location\":\"");
    buf_puts(to, base);
    buf_puts(to, m->endpoint);
    buf_putc(to, '/');
    buf_puts(to, id_text(m->id));
    buf_printf(to, "\",\"version\":\"W/\\\"%lld\\\"\"}", (long long)m->version);
}
