/* workspace_sql.c — workspace. */
#include "people/workspace.h"

#include "base/id.h"
#include "base/json.h"
#include "base/str.h"
#include "base/zone.h"

static const struct setting known[] = {
    { "time_zone", "UTC",
      "the zone that schedules and days are meant in, for example Europe/Berlin" },
    { "plan_retention_days", "30", "how long refused, superseded and unapplied plans are kept" },
    { "scim_record_bodies",
      "off",
      "keep the bodies of SCIM requests for 24 hours, sealed: off or on",
      { "off", "on" } },
    { "scim_delete",
      "deactivate",
      "what SCIM DELETE does with a person nobody else claims: deactivate or erase",
      { "deactivate", "erase" } },
    {},
};

const struct setting *workspace_known_settings(void)
{
    return known;
}

enum err workspace_find(struct work *w, const char *name, int64_t *id)
{
    struct rows r;

    TRY(store_query(w, &r, "SELECT id FROM workspace WHERE name = ?", txt(name)));
    if (r.n == 0)
        return errf(ERR_NOT_FOUND,
                    "there is no workspace '%s'; make it with `muster init --workspace %s`", name,
                    name);
    *id = rows_num(&r, 0, 0);
    return OK;
}

struct making { const char *name; int64_t id; bool fresh; };

static enum err write_workspace(struct work *w, void *arg)
{
    struct making *m = arg;
    struct rows r;

    TRY(store_query(w, &r, "SELECT id FROM workspace WHERE name = ?", txt(m->name)));
    m->fresh = r.n == 0;
    m->id = r.n ? rows_num(&r, 0, 0) : id_new();
    if (!m->fresh)
        return OK;
    return store_run(
        w,
        "INSERT INTO workspace (id, name, settings, managers_version, created_at) VALUES "
        "(?, ?, '{}', 1, ?)",
        num(m->id), txt(m->name), num(w->now));
}

enum err workspace_make(struct work *w, const char *name, int64_t *id, bool *fresh)
{
    struct making m = { .name = name };

    for (const char *s = name; *s; s++)
        if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789-_", *s) || s - name >= 64)
            return errf(
                ERR_USAGE,
                "a workspace's name has up to 64 lower-case letters, digits, '-' and '_', not '%s'",
                name);
    TRY(store_write(w, write_workspace, &m));
    *id = m.id;
    *fresh = m.fresh;
    return OK;
}

enum err workspace_settings(struct work *w, const char **json)
{
    struct rows r;

    TRY(store_query(w, &r, "SELECT settings FROM workspace WHERE id = ?", num(w->workspace)));
    *json = r.n ? rows_text(&r, 0, 0) : "{}";
    return OK;
}

enum err workspace_get(struct work *w, const char *key, const char **value)
{
    const char *json;
    yyjson_val *root;

    TRY(workspace_settings(w, &json));
    TRY(json_read_in(w->mem, json, strlen(json), &root));
    for (size_t i = 0; known[i].name; i++)
        if (str_eq(known[i].name, key)) {
            *value = json_text(root, key) ? json_text(root, key) : known[i].otherwise;
            return OK;
        }
    return errf(ERR_USAGE, "there is no setting '%s'; `muster set` lists them", key);
}

struct change_setting { const char *key, *value; };

static enum err write_setting(struct work *w, void *arg)
{
    struct change_setting *s = arg;
    const char *json;
    yyjson_val *root, *key, *val;
    AUTO_BUF text = {};
    struct json_out j = { &text };
    size_t i, n;

    TRY(workspace_settings(w, &json));
    TRY(json_read_in(w->mem, json, strlen(json), &root));
    json_open(&j, '{');
    yyjson_obj_foreach(root, i, n, key, val)
        if (!str_eq(yyjson_get_str(key), s->key))
            json_put(&j, yyjson_get_str(key), yyjson_get_str(val));
    if (s->value)
        json_put(&j, s->key, s->value);
    json_close(&j, '}');
    return store_run(w, "UPDATE workspace SET settings = ? WHERE id = ?", txt(text.at),
                     num(w->workspace));
}

static enum err check_value(const char *key, const char *value)
{
    const char *const *choices = NULL;
    int64_t days;

    for (size_t i = 0; known[i].name; i++)
        if (str_eq(known[i].name, key) && known[i].choices[0])
            choices = known[i].choices;
    if (choices)
        return str_eq(value, choices[0]) || str_eq(value, choices[1])
                   ? OK
                   : errf(ERR_USAGE, "%s is %s or %s, not '%s'", key, choices[0], choices[1],
                          value);
    if (str_eq(key, "time_zone")) {
        AUTO(zone) *z = NULL;
        return zone_open(value, &z);
    }
    if (!str_number(value, &days) || days < 0)
        return errf(ERR_USAGE, "%s takes a whole number, not '%s'", key, value);
    return OK;
}

enum err workspace_set(struct work *w, const char *key, const char *value)
{
    struct change_setting s = { key, value };
    const char *is;

    TRY(workspace_get(w, key, &is));
    if (value)
        TRY(check_value(key, value));
    return store_write(w, write_setting, &s);
}

enum err workspaces_list(struct work *w, struct workspace **out, size_t *n)
{
    struct rows r;

    TRY(store_query(w, &r, "SELECT id, name FROM workspace WHERE id > ? ORDER BY name", num(0)));
    *n = r.n;
    *out = NEW_ARRAY(w->mem, struct workspace, r.n + 1);
    for (size_t i = 0; i < r.n; i++)
        (*out)[i] = (struct workspace){ rows_num(&r, i, 0), rows_text(&r, i, 1) };
    return OK;
}
