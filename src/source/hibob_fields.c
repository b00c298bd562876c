/* hibob_fields.c — HiBob's metadata: which fields there are, where they stand, which id has which
 * name. */
#include "source/hibob.h"

#include <stdio.h>

#include "base/str.h"

/* The metadata's types whose values are not text as they stand. */
static const struct { const char *type; enum hibob_kind kind; } kinds[] = {
    { "list", HIBOB_NAMED },
    { "multi-list", HIBOB_NAMED },
    { "hierarchy-list", HIBOB_NAMED },
    { "list_id", HIBOB_NAMED },
    { "employee", HIBOB_PERSON },
    { "employee-reference", HIBOB_PERSON },
};

static enum hibob_kind kind_of(const char *id, const char *type)
{
    for (size_t i = 0; i < COUNT(kinds); i++)
        if (str_eq(kinds[i].type, type))
            return kinds[i].kind;
    return str_eq(id, "work.reportsTo") ? HIBOB_PERSON : HIBOB_PLAIN;
}

/* Root fields stand at the top of a record, all others within their category. */
static const char *default_path(const char *id)
{
    return str_starts(id, "root.") ? id + strlen("root.") : id;
}

static const char *text_or(yyjson_val *obj, const char *key, const char *otherwise)
{
    const char *s = json_text(obj, key);

    return str_empty(s) ? otherwise : s;
}

enum err hibob_fields_read(struct arena *a, yyjson_val *root, struct hibob_fields *out)
{
    size_t i, max;
    yyjson_val *row;

    if (!yyjson_is_arr(root))
        return errf(ERR_REMOTE,
                    "HiBob: the list of fields (GET /company/people/fields) is not a list");
    *out = (struct hibob_fields){ NEW_ARRAY(a, struct hibob_field, yyjson_arr_size(root) + 1), 0 };
    yyjson_arr_foreach(root, i, max, row) {
        const char *id = json_text(row, "id"), *category = text_or(row, "category", "");
        if (str_empty(id))
            return errf(ERR_REMOTE, "HiBob: field %zu of GET /company/people/fields has no id",
                        i + 1);
        const char *type = text_or(row, "type", "text");
        const char *list = json_text(yyjson_obj_get(row, "typeData"), "listId");
        out->all[out->n++] = (struct hibob_field){
            .as = {
                .id = arena_text(a, id),
                .label = arena_text(a, text_or(row, "name", id)),
                .type = arena_text(a, type),
                .category = arena_text(a, text_or(row, "categoryDisplayName", category)),
                .custom = strstr(id, ".custom.") || strstr(id, ".customColumns."),
            },
            .category_id = arena_text(a, text_or(row, "categoryId", category)),
            .path = arena_text(a, text_or(row, "jsonPath", default_path(id))),
            .list = arena_text(a, list),
            .kind = kind_of(id, type),
        };
    }
    return OK;
}

/* `depth` is bounded because the list comes from outside. */
static enum err add_entries(struct names *ns, const char *list, yyjson_val *entries, int depth)
{
    size_t i, max;
    yyjson_val *entry;

    if (depth > 32)
        return errf(ERR_REMOTE, "HiBob: the named list '%s' has more than 32 levels", list);
    yyjson_arr_foreach(entries, i, max, entry) {
        yyjson_val *id = yyjson_obj_get(entry, "id");
        const char *name = text_or(entry, "name", json_text(entry, "value"));
        char number[32];
        const char *text = yyjson_get_str(id);
        if (yyjson_is_int(id)) {
            snprintf(number, sizeof number, "%lld", (long long)yyjson_get_sint(id));
            text = number;
        }
        if (!str_empty(text) && !str_empty(name))
            names_add(ns, list, text, name);
        TRY(add_entries(ns, list, yyjson_obj_get(entry, "children"), depth + 1));
    }
    return OK;
}

enum err hibob_names_read(struct arena *a, yyjson_val *root, struct names **out)
{
    size_t i, max;
    yyjson_val *key, *list;

    if (!yyjson_is_obj(root))
        return errf(ERR_REMOTE, "HiBob: the answer of GET /company/named-lists is not an object");
    *out = names_new(a);
    yyjson_obj_foreach(root, i, max, key, list) {
        yyjson_val *entries = yyjson_obj_get(list, "values");      /* `items` holds the same */
        TRY(add_entries(*out, yyjson_get_str(key),
                        entries ? entries : yyjson_obj_get(list, "items"), 0));
    }
    names_sort(*out);
    return OK;
}

static const struct hibob_field *field_find(const struct hibob_fields *fields, const char *id)
{
    for (size_t i = 0; i < fields->n; i++)
        if (str_eq(fields->all[i].as.id, id))
            return &fields->all[i];
    return NULL;
}

/* Ids of the default mapping that HiBob's documents do not confirm, and what people call them. */
static const struct { const char *id, *labels[3]; } unconfirmed[] = {
    { "work.secondLevelManager", { "Second level manager", "2nd level manager" } },
    { "personal.legalGender", { "Legal gender" } },
    { "personal.birthDate", { "Birthday", "Birth date", "Date of birth" } },
    { "payroll.employment.type", { "Employment type", "Contract type" } },
};

/* The first label that any field has decides; two fields with that label are a question for a
 * person. */
static const struct hibob_field *find_by_label(struct arena *a, const struct hibob_fields *fields,
                                               struct hibob_wanted *w)
{
    const struct hibob_field *found = NULL;
    size_t row = 0;

    while (row < COUNT(unconfirmed) && !str_eq(unconfirmed[row].id, w->id))
        row++;
    if (row == COUNT(unconfirmed))
        return NULL;
    for (size_t l = 0; !found && l < COUNT(unconfirmed[row].labels) && unconfirmed[row].labels[l];
         l++) {
        const char *label = str_squash(a, unconfirmed[row].labels[l]);
        for (size_t i = 0; i < fields->n; i++) {
            const struct hibob_field *f = &fields->all[i];
            if (!str_eq(str_squash(a, f->as.label), label))
                continue;
            if (found) {
                w->note = arena_printf(
                    a,
                    "this company has no field %s, and two that are called '%s': %s and %s; "
                    "name the right one in the mapping",
                    w->id, f->as.label, found->as.id, f->as.id);
                return NULL;
            }
            found = f;
        }
    }
    if (found)
        w->note =
            arena_printf(a, "this company has no field %s; %s, called '%s', is read in its place",
                         w->id, found->as.id, found->as.label);
    return found;
}

/*
 * The list of a field. Custom lists are keyed "work.column_N" or "category.field_N". A list that is
 * found under none of its names is looked for by the id of the entry alone.
 */
static const struct name_list *list_of(struct arena *a, const struct names *names,
                                       const struct hibob_field *f)
{
    const char *last = strrchr(f->as.id, '.') ? strrchr(f->as.id, '.') + 1 : f->as.id;
    const char *const keys[] = {
        f->list,
        f->as.id,
        arena_printf(a, "%s.%s", f->category_id, last),
        arena_printf(a, "%.*s.%s", (int)strcspn(f->as.id, "."), f->as.id, last),
        last,
    };

    for (size_t i = 0; i < COUNT(keys); i++) {
        const struct name_list *list = keys[i] ? names_list(names, keys[i]) : NULL;
        if (list)
            return list;
    }
    return names_any(names);
}

/* What a reference to a person holds besides the id. */
static bool part_of_person(const char *part)
{
    static const char *const parts[] = { "id", "email", "firstName", "surname", "displayName" };

    for (size_t i = 0; i < COUNT(parts); i++)
        if (str_eq(parts[i], part))
            return true;
    return false;
}

void hibob_want(struct arena *a, const struct hibob_fields *fields, const struct names *names,
                const char *id, struct hibob_wanted *out)
{
    *out = (struct hibob_wanted){
        .id = id, .asked = id, .path = default_path(id), .kind = kind_of(id, NULL)
    };
    out->field = field_find(fields, id);
    if (!out->field)
        out->field = find_by_label(a, fields, out);
    if (out->field) {
        out->asked = out->field->as.id;
        out->path = out->field->path;
        out->kind = out->field->kind;
        if (out->kind == HIBOB_NAMED)
            out->list = list_of(a, names, out->field);
        return;
    }
    const char *dot = strrchr(id, '.');
    if (!dot || !part_of_person(dot + 1))
        return;
    const char *whole = arena_textn(a, id, (size_t)(dot - id));
    const struct hibob_field *person = field_find(fields, whole);
    if (kind_of(whole, person ? person->as.type : NULL) != HIBOB_PERSON)
        return;
    out->asked = whole;
    out->field = person;
    out->path = person ? person->path : whole;
    out->part = dot + 1;
    out->kind = HIBOB_PLAIN;
}
