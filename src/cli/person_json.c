/* person_json.c — see person_json.h. */
#include "cli/person_json.h"

#include "base/clock.h"
#include "base/id.h"
#include "base/str.h"

/* A column gives its text, and its JSON where that is not simply this text. `attribute` is what a
 * plain column shows. */
struct column {
    const char *name;
    const char *(*text)(struct arena *a, const struct profile *p, const char *attribute);
    void (*json)(struct arena *a, struct json_out *j, const struct profile *p,
                 const char *attribute);
    const char *terminal;           /* its head in the table of a terminal; NULL: not there */
};

static const char *text_value(struct arena *a, const struct profile *p, const char *attribute)
{
    (void)a;
    return person_shown_value(p->person, attribute);
}

static const char *text_id(struct arena *a, const struct profile *p, const char *attribute)
{
    (void)attribute;
    return arena_text(a, id_text(p->person->id));
}

static const char *text_state(struct arena *a, const struct profile *p, const char *attribute)
{
    (void)a, (void)attribute;
    return state_name(p->person->state);
}

static const char *text_shown_name(struct arena *a, const struct profile *p, const char *attribute)
{
    (void)attribute;
    return person_shown_name(a, p->person);
}

/* How somebody is named in a cell: by e-mail, or by id where there is none. */
static const char *named(struct arena *a, const struct person *p)
{
    const char *email = person_text(p, "email");

    return email ? email : arena_text(a, id_text(p->id));
}

static const char *text_manager(struct arena *a, const struct profile *p, const char *attribute)
{
    (void)attribute;
    return p->manager ? named(a, p->manager) : NULL;
}

static const char *join(struct arena *a, const char *so_far, const char *next)
{
    return so_far ? arena_printf(a, "%s; %s", so_far, next) : next;
}

static const char *text_more(struct arena *a, const struct profile *p, const char *attribute)
{
    const char *all = NULL;

    (void)attribute;
    for (size_t i = 0; i < p->nmore; i++)
        all = join(a, all, named(a, p->more[i]));
    return all;
}

static const char *text_teams(struct arena *a, const struct profile *p, const char *attribute)
{
    const char *all = NULL;

    (void)attribute;
    for (size_t i = 0; i < p->nteams; i++)
        all = join(a, all, p->teams[i]->name);
    return all;
}

static const char *text_created(struct arena *a, const struct profile *p, const char *attribute)
{
    (void)attribute;
    return time_text(a, p->person->created_at);
}

static const char *text_updated(struct arena *a, const struct profile *p, const char *attribute)
{
    (void)attribute;
    return time_text(a, p->person->updated_at);
}

static const char *text_version(struct arena *a, const struct profile *p, const char *attribute)
{
    (void)attribute;
    return arena_printf(a, "%lld", (long long)p->person->version);
}

void person_reference(struct arena *a, struct json_out *j, const struct person *p)
{
    if (!p) {
        json_null(j);
        return;
    }
    json_open(j, '{');
    json_put(j, "id", id_text(p->id));
    json_put(j, "external_id", person_text(p, "external_id"));
    json_put(j, "email", person_text(p, "email"));
    json_put(j, "display_name", person_shown_name(a, p));
    json_close(j, '}');
}

static void json_manager(struct arena *a, struct json_out *j, const struct profile *p,
                         const char *attribute)
{
    (void)attribute;
    person_reference(a, j, p->manager);
}

static void json_more(struct arena *a, struct json_out *j, const struct profile *p,
                      const char *attribute)
{
    (void)attribute;
    json_open(j, '[');
    for (size_t i = 0; i < p->nmore; i++)
        person_reference(a, j, p->more[i]);
    json_close(j, ']');
}

static void json_teams(struct arena *a, struct json_out *j, const struct profile *p,
                       const char *attribute)
{
    (void)a, (void)attribute;
    json_open(j, '[');
    for (size_t i = 0; i < p->nteams; i++)
        json_str(j, p->teams[i]->name);
    json_close(j, ']');
}

static void json_version(struct arena *a, struct json_out *j, const struct profile *p,
                         const char *attribute)
{
    (void)a, (void)attribute;
    json_num(j, p->person->version);
}

/* Stored as JSON that was checked when it came. */
static void json_list(struct arena *a, struct json_out *j, const struct profile *p,
                      const char *attribute)
{
    const char *text = person_text(p->person, attribute);

    (void)a;
    if (text)
        json_raw(j, text, strlen(text));
    else
        json_raw(j, "[]", 2);
}

static const struct column columns[] = {
    { "id", text_id, NULL, NULL },
    { "state", text_state, NULL, "STATE" },
    { "invite", text_value, NULL, NULL },
    { "external_id", text_value, NULL, NULL },
    { "user_name", text_value, NULL, NULL },
    { "email", text_value, NULL, "E-MAIL" },
    { "given_name", text_value, NULL, NULL },
    { "middle_name", text_value, NULL, NULL },
    { "family_name", text_value, NULL, NULL },
    { "display_name", text_value, NULL, NULL },
    { "preferred_name", text_value, NULL, NULL },
    { "title", text_value, NULL, "TITLE" },
    { "employee_number", text_value, NULL, NULL },
    { "user_type", text_value, NULL, NULL },
    { "organization", text_value, NULL, NULL },
    { "department", text_value, NULL, "DEPARTMENT" },
    { "division", text_value, NULL, NULL },
    { "cost_center", text_value, NULL, NULL },
    { "location", text_value, NULL, NULL },
    { "gender", text_value, NULL, NULL },
    { "birthday", text_value, NULL, NULL },
    { "start_date", text_value, NULL, NULL },
    { "end_date", text_value, NULL, NULL },
    { "phone", text_value, NULL, NULL },
    { "timezone", text_value, NULL, NULL },
    { "locale", text_value, NULL, NULL },
    { "photo", text_value, NULL, NULL },
    { "formatted_name", text_value, NULL, NULL },
    { "honorific_prefix", text_value, NULL, NULL },
    { "honorific_suffix", text_value, NULL, NULL },
    { "preferred_language", text_value, NULL, NULL },
    { "profile_url", text_value, NULL, NULL },
    { "emails", text_value, json_list, NULL },
    { "phones", text_value, json_list, NULL },
    { "photos", text_value, json_list, NULL },
    { "ims", text_value, json_list, NULL },
    { "addresses", text_value, json_list, NULL },
    { "entitlements", text_value, json_list, NULL },
    { "roles", text_value, json_list, NULL },
    { "certificates", text_value, json_list, NULL },
    { "former_email", text_value, NULL, NULL },
    { "manager", text_manager, json_manager, "MANAGER" },
    { "additional_managers", text_more, json_more, NULL },
    { "teams", text_teams, json_teams, NULL },
    { "level", text_value, NULL, NULL },
};

/* Those that come after the custom attributes. */
static const struct column last_columns[] = {
    { "created_at", text_created, NULL, NULL },
    { "updated_at", text_updated, NULL, NULL },
    { "version", text_version, json_version, NULL },
};

/* ---- JSON ---- */

static void put_columns(struct arena *a, struct json_out *j, const struct column *list, size_t n,
                        const struct profile *p)
{
    for (size_t i = 0; i < n; i++) {
        json_key(j, list[i].name);
        if (list[i].json)
            list[i].json(a, j, p, list[i].name);
        else
            json_str(j, list[i].text(a, p, list[i].name));
    }
}

/* The next custom attribute at or after *at; NULL at the end. */
static const struct attr *next_custom(const struct attrs *as, size_t *at)
{
    while (*at < as->n && !(as->all[*at]->flags & ATTR_CUSTOM))
        ++*at;
    return *at < as->n ? as->all[(*at)++] : NULL;
}

/* Canonical texts of numbers and flags are JSON already. */
static void put_typed(struct json_out *j, const struct attr *attr, const char *text)
{
    if (text && (attr->type == ATTR_NUMBER || attr->type == ATTR_FLAG))
        json_raw(j, text, strlen(text));
    else
        json_str(j, text);
}

void person_json(struct arena *a, struct json_out *j, const struct attrs *as,
                 const struct profile *p)
{
    const struct attr *attr;
    size_t at = 0;

    json_open(j, '{');
    put_columns(a, j, columns, COUNT(columns), p);
    json_key(j, "custom");
    json_open(j, '{');
    while ((attr = next_custom(as, &at))) {
        json_key(j, attr->name + strlen("custom."));
        put_typed(j, attr, person_text(p->person, attr->name));
    }
    json_close(j, '}');
    put_columns(a, j, last_columns, COUNT(last_columns), p);
    json_close(j, '}');
}

/* ---- CSV ---- */

void csv_cell(struct buf *to, const char *text, bool first)
{
    if (!first)
        buf_putc(to, ',');
    if (!text)
        return;
    if (*text && !text[strcspn(text, ",\"\r\n")] && text[0] != ' ' &&
        text[strlen(text) - 1] != ' ') {
        buf_puts(to, text);
        return;
    }
    buf_putc(to, '"');
    for (const char *s = text; *s; s++) {
        if (*s == '"')
            buf_putc(to, '"');
        buf_putc(to, *s);
    }
    buf_putc(to, '"');
}

void person_csv_header(struct buf *to, const struct attrs *as)
{
    const struct attr *attr;
    size_t at = 0;

    for (size_t i = 0; i < COUNT(columns); i++)
        csv_cell(to, columns[i].name, i == 0);
    while ((attr = next_custom(as, &at)))
        csv_cell(to, attr->name, false);
    for (size_t i = 0; i < COUNT(last_columns); i++)
        csv_cell(to, last_columns[i].name, false);
    buf_puts(to, "\r\n");
}

void person_csv(struct arena *a, struct buf *to, const struct attrs *as, const struct profile *p)
{
    const struct attr *attr;
    size_t at = 0;

    for (size_t i = 0; i < COUNT(columns); i++)
        csv_cell(to, columns[i].text(a, p, columns[i].name), i == 0);
    while ((attr = next_custom(as, &at)))
        csv_cell(to, person_text(p->person, attr->name), false);
    for (size_t i = 0; i < COUNT(last_columns); i++)
        csv_cell(to, last_columns[i].text(a, p, last_columns[i].name), false);
    buf_puts(to, "\r\n");
}

/* ---- a terminal ---- */

/* Tabs and line ends would break the table. */
static void table_cell(struct buf *to, const char *text)
{
    for (const char *s = text ? text : ""; *s; s++)
        buf_putc(to, (unsigned char)*s < ' ' || *s == 127 ? ' ' : *s);
}

void person_table_header(struct buf *to)
{
    buf_puts(to, "NAME");
    for (size_t i = 0; i < COUNT(columns); i++)
        if (columns[i].terminal)
            buf_printf(to, "\t%s", columns[i].terminal);
    buf_putc(to, '\n');
}

void person_table(struct arena *a, struct buf *to, const struct profile *p)
{
    table_cell(to, person_shown_name(a, p->person));
    for (size_t i = 0; i < COUNT(columns); i++)
        if (columns[i].terminal) {
            buf_putc(to, '\t');
            table_cell(to, columns[i].text(a, p, columns[i].name));
        }
    buf_putc(to, '\n');
}

static void put_line(struct buf *to, const char *name, const char *text)
{
    if (!text)
        return;
    buf_printf(to, "%s\t", name);
    table_cell(to, text);
    buf_putc(to, '\n');
}

void person_lines(struct arena *a, struct buf *to, const struct attrs *as, const struct profile *p)
{
    const struct attr *attr;
    size_t at = 0;

    for (size_t i = 0; i < COUNT(columns); i++)
        if (str_eq(columns[i].name, "display_name"))
            put_line(to, columns[i].name, text_shown_name(a, p, NULL));
        else
            put_line(to, columns[i].name, columns[i].text(a, p, columns[i].name));
    while ((attr = next_custom(as, &at)))
        put_line(to, attr->name, person_text(p->person, attr->name));
    for (size_t i = 0; i < COUNT(last_columns); i++)
        put_line(to, last_columns[i].name, last_columns[i].text(a, p, last_columns[i].name));
}
