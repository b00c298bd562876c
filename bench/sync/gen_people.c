/*
 * gen_people.c — a company of any size as HiBob would answer for it; the same seed, the same company.
 *
 * gen_people N DIR [SEED] writes into DIR: people.json (the answer of POST /people/search with
 * "humanReadable": ""), changed.json (the same with another title for one person in a hundred),
 * fields.json and named-lists.json (the metadata). About 1.1 KB an employee; nothing in it is real.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/core.h"

enum { REPORTS = 8, DEPARTMENTS = 12, SITES = 6, TITLES = 300 };

static const struct { const char *name, *ascii; } given[] = {
    { "Anna", "anna" },   { "Bilal", "bilal" }, { "Chloé", "chloe" }, { "Dmitri", "dmitri" },
    { "Elif", "elif" },   { "Göran", "goran" }, { "Hana", "hana" },   { "Jürgen", "jurgen" },
    { "Kaori", "kaori" }, { "Maya", "maya" },   { "Noor", "noor" },   { "Quỳnh", "quynh" },
    { "Søren", "soren" }, { "Tomás", "tomas" }, { "Олена", "olena" }, { "明", "akira" },
}, family[] = {
    { "Andersen", "andersen" }, { "Brown", "brown" }, { "Müller", "muller" }, { "Novák", "novak" },
    { "Okafor", "okafor" },     { "Peña", "pena" },   { "Rossi", "rossi" },   { "Sato", "sato" },
    { "Tanaka", "tanaka" },     { "Ueda", "ueda" },   { "Weiß", "weiss" },    { "Yılmaz", "yilmaz" },
    { "Zając", "zajac" },       { "Шевченко", "shevchenko" }, { "田中", "denda" }, { "Dubois", "dubois" },
};
static const char *const departments[DEPARTMENTS] = {
    "Engineering", "Sales", "People & Culture", "Finance", "Customer Success", "Legal",
    "Marketing", "R&D", "Operations", "Design", "Security", "Data",
};
static const char *const sites[SITES] = { "Berlin",    "Tel Aviv", "New York",
                                          "São Paulo", "London",   "Kraków" };

static uint64_t seed = 42;

/* splitmix64: person i draws from its own stream, so that a change of one moves nobody else. */
static uint64_t draw(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

static int below(uint64_t *state, int n)
{
    return (int)(draw(state) % (uint64_t)n);
}

struct employee {
    char id[20], email[64], name[64], start[11], birth[11], end[13];
    const char *given, *family, *department, *site, *gender, *status;
    int title, department_id, number;
};

static void employee_make(int64_t i, int64_t n, bool changed, struct employee *e)
{
    uint64_t state = seed ^ (uint64_t)(i + 1) << 20;
    int g = below(&state, COUNT(given)), f = below(&state, COUNT(family)),
        d = below(&state, DEPARTMENTS);
    bool left = i > n / REPORTS && below(&state, 20) == 0;      /* nobody reports to them */

    snprintf(e->id, sizeof e->id, "%" PRId64, 3332883804569000000 + i);
    snprintf(e->email, sizeof e->email, "%s.%s%" PRId64 "@example.com", given[g].ascii,
             family[f].ascii, i);
    snprintf(e->name, sizeof e->name, "%s %s", given[g].name, family[f].name);
    snprintf(e->start, sizeof e->start, "20%02d-%02d-01", 12 + below(&state, 13),
             1 + below(&state, 12));
    snprintf(e->birth, sizeof e->birth, "19%02d-%02d-%02d", 60 + below(&state, 40),
             1 + below(&state, 12), 1 + below(&state, 28));
    snprintf(e->end, sizeof e->end, "%s", left ? "\"2025-03-31\"" : "null");
    e->given = given[g].name;
    e->family = family[f].name;
    e->department = departments[d];
    e->department_id = 209192160 + d;
    e->site = sites[below(&state, SITES)];
    e->gender = below(&state, 2) ? "Female" : "Male";
    e->status = left ? "Inactive" : "Active";
    e->title = below(&state, TITLES);
    if (changed && i % 100 == 7)
        e->title = (e->title + 1) % TITLES;
    e->number = (int)i + 1;
}

/* The slash half: values that are not null. */
static void slash_write(FILE *out, const struct employee *e)
{
    fprintf(out,
            "\"/root/id\":{\"value\":\"%s\"},\"/root/email\":{\"value\":\"%s\"},"
            "\"/root/firstName\":{\"value\":\"%s\"},\"/root/surname\":{\"value\":\"%s\"},"
            "\"/root/displayName\":{\"value\":\"%s\"},\"/work/title\":{\"value\":\"%d\"},"
            "\"/work/department\":{\"value\":\"%d\"},\"/work/site\":{\"value\":\"%s\"},"
            "\"/work/startDate\":{\"value\":\"%s\"},\"/work/employeeIdInCompany\":{\"value\":%d},"
            "\"/internal/status\":{\"value\":\"%s\"},\"/personal/legalGender\":{\"value\":\"%s\"},"
            "\"/personal/birthDate\":{\"value\":\"%s\"},",
            e->id, e->email, e->given, e->family, e->name, 210192160 + e->title, e->department_id,
            e->site, e->start, e->number, e->status, e->gender, e->birth);
}

static void manager_write(FILE *out, int64_t i, int64_t n)
{
    struct employee boss;

    if (i == 0) {
        fputs("null", out);
        return;
    }
    employee_make((i - 1) / REPORTS, n, false, &boss);
    fprintf(out,
            "{\"id\":\"%s\",\"firstName\":\"%s\",\"surname\":\"%s\",\"email\":\"%s\","
            "\"displayName\":\"%s\"}",
            boss.id, boss.given, boss.family, boss.email, boss.name);
}

static void employee_write(FILE *out, int64_t i, int64_t n, bool changed)
{
    struct employee e;

    employee_make(i, n, changed, &e);
    fputc('{', out);
    slash_write(out, &e);
    fprintf(out,
            "\"id\":\"%s\",\"companyId\":100200,\"email\":\"%s\",\"firstName\":\"%s\","
            "\"surname\":\"%s\",\"displayName\":\"%s\",\"work\":{\"title\":\"%d\","
            "\"department\":\"%d\",\"site\":\"%s\",\"reportsTo\":",
            e.id, e.email, e.given, e.family, e.name, 210192160 + e.title, e.department_id, e.site);
    manager_write(out, i, n);
    fprintf(out,
            ",\"startDate\":\"%s\",\"employeeIdInCompany\":%d},\"internal\":{\"status\":\"%s\","
            "\"terminationDate\":%s},\"personal\":{\"legalGender\":\"%s\",\"birthDate\":\"%s\"}}",
            e.start, e.number, e.status, e.end, e.gender, e.birth);
}

static FILE *file_open(const char *dir, const char *name)
{
    char path[4096];

    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *out = fopen(path, "w");
    if (out == NULL) {
        perror(path);
        exit(3);
    }
    setvbuf(out, NULL, _IOFBF, MB(1));
    return out;
}

static void file_close(FILE *out)
{
    if (ferror(out) || fclose(out) != 0) {
        perror("gen_people");
        exit(3);
    }
}

static void people_write(const char *dir, const char *name, int64_t n, bool changed)
{
    FILE *out = file_open(dir, name);

    fputs("{\"employees\":[", out);
    for (int64_t i = 0; i < n; i++) {
        if (i)
            fputc(',', out);
        employee_write(out, i, n, changed);
    }
    fputs("]}", out);
    file_close(out);
}

static void fields_write(const char *dir)
{
    static const struct { const char *category, *name, *label, *type, *list; } fields[] = {
        { "root", "id", "ID", "text" },
        { "root", "email", "Email", "text" },
        { "root", "firstName", "First name", "text" },
        { "root", "surname", "Last name", "text" },
        { "root", "displayName", "Display name", "text" },
        { "work", "title", "Position", "list", "title" },
        { "work", "department", "Department", "list", "department" },
        { "work", "site", "Site", "text" },
        { "work", "reportsTo", "Reports to", "employee-reference" },
        { "work", "startDate", "Work start date", "date" },
        { "work", "employeeIdInCompany", "Employee ID", "number" },
        { "internal", "status", "Status", "text" },
        { "internal", "terminationDate", "Termination date", "date" },
        { "personal", "legalGender", "Legal gender", "text" },
        { "personal", "birthDate", "Birthday", "date" },
    };
    FILE *out = file_open(dir, "fields.json");

    for (size_t i = 0; i < COUNT(fields); i++) {
        bool root = strcmp(fields[i].category, "root") == 0;
        fprintf(
            out,
            "%s{\"id\":\"%s.%s\",\"category\":\"%s\",\"categoryId\":\"%s\","
            "\"categoryDisplayName\":\"%s\",\"name\":\"%s\",\"description\":\"\",\"type\":\"%s\","
            "\"historical\":false,\"jsonPath\":\"%s%s%s\",\"typeData\":{",
            i ? "," : "[", fields[i].category, fields[i].name, fields[i].category,
            fields[i].category, fields[i].category, fields[i].label, fields[i].type,
            root ? "" : fields[i].category, root ? "" : ".", fields[i].name);
        if (fields[i].list)
            fprintf(out, "\"listId\":\"%s\"", fields[i].list);
        fputs("}}", out);
    }
    fputc(']', out);
    file_close(out);
}

static void entry_write(FILE *out, bool first, int id, const char *name)
{
    fprintf(out,
            "%s{\"id\":\"%d\",\"value\":\"%s\",\"name\":\"%s\",\"archived\":false,\"children\":[]}",
            first ? "" : ",", id, name, name);
}

static void lists_write(const char *dir)
{
    static const char *const halves[] = { "values", "items" };
    static const char *const ranks[] = { "Junior", "Associate", "Senior", "Staff", "Principal" };
    FILE *out = file_open(dir, "named-lists.json");

    fputs("{\"department\":{\"name\":\"department\"", out);
    for (size_t half = 0; half < COUNT(halves); half++) {
        fprintf(out, ",\"%s\":[", halves[half]);
        for (int d = 0; d < DEPARTMENTS; d++)
            entry_write(out, d == 0, 209192160 + d, departments[d]);
        fputc(']', out);
    }
    fputs("},\"title\":{\"name\":\"title\"", out);
    for (size_t half = 0; half < COUNT(halves); half++) {
        fprintf(out, ",\"%s\":[", halves[half]);
        for (int t = 0; t < TITLES; t++) {
            char name[64];
            snprintf(name, sizeof name, "%s %s Specialist %d", ranks[t % (int)COUNT(ranks)],
                     departments[t % DEPARTMENTS], t);
            entry_write(out, t == 0, 210192160 + t, name);
        }
        fputc(']', out);
    }
    fputs("}}", out);
    file_close(out);
}

int main(int argc, char **argv)
{
    int64_t n = argc > 2 ? strtoll(argv[1], NULL, 10) : 0;

    if (n < 1 || n > 10000000) {
        fprintf(stderr, "usage: gen_people N DIR [SEED]\n");
        return 2;
    }
    if (argc > 3)
        seed = strtoull(argv[3], NULL, 10);
    people_write(argv[2], "people.json", n, false);
    people_write(argv[2], "changed.json", n, true);
    fields_write(argv[2]);
    lists_write(argv[2]);
    return 0;
}
