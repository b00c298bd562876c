/*
 * map.h — the mapping file of a source: parsed, checked, written back, and run over one record.
 *
 * The form is the contract's YAML. `from` and `exclude` hold expressions; until the expression language
 * is there they are a field name, field("…"), a quoted constant, and for exclude FIELD == "text",
 * FIELD != "text", is_present(FIELD). Everything else is refused with line and column.
 */
#ifndef SYNC_MAP_H
#define SYNC_MAP_H

#include "people/attr.h"
#include "source/source.h"

struct expr;                        /* compiled; evaluating it cannot fail */

enum map_empty { EMPTY_CLEAR, EMPTY_KEEP, EMPTY_DEFAULT, EMPTY_FAIL };

struct map_row {
    const char *attribute;
    const struct expr *from;
    const char *from_text;          /* as written */
    enum map_empty empty;
    const char *otherwise;          /* the `default:` of `empty: default` */
    bool create_only;               /* when: create */
    int line;
};

struct map_assert {
    enum { ASSERT_UNIQUE, ASSERT_FILLED } kind;
    const char *attribute;
    double percent;
};

enum map_missing { MISSING_HOLD, MISSING_DEACTIVATE, MISSING_KEEP };

struct mapping {
    struct map_row *rows;
    size_t nrows;
    struct {
        const struct expr *from;
        const char *from_text;
        const char *const *active, *const *leave, *const *gone;
        size_t nactive, nleave, ngone;
    } status;
    struct {
        const struct expr *expr;
        const char *text;
    } *exclude;
    size_t nexclude;
    const char *const *exclude_people;      /* e-mails (folded) or record ids, sorted */
    size_t nexclude_people;
    struct {
        bool auto_invite, auto_reactivate, additional_manager, suspend_on_leave, review;
        int create_days_before; /* -1: off (null) */
        enum map_missing on_missing;
        int missing_runs;
    } options;
    struct {
        int deactivations_percent, deactivations_count, records_percent, fill_rate_points,
            id_swaps_percent, managers_percent, managers_count, one_attribute_percent,
            one_attribute_count, creates_percent, creates_count;
    } guards;
    const char *schedule;           /* cron, 5 fields; NULL (`schedule: null`): only on request */
    struct map_assert *asserts;
    size_t nasserts;
    struct want want;               /* every field that anything above reads, each once, sorted */
    bool uses_today;                /* an expression depends on the date */
};

/*
 * ERR_INVALID: "line 4, column 11: unknown attribute 'titel'; did you mean 'title'?". The `tests:` of the
 * file are run (a field that a test does not name is there and empty); a failing one is an error that names
 * it. Everything lives in `a`.
 *
 * options.additional_manager is the switch of the attribute additional_managers: while it is false a row of
 * it is checked but left out of `rows`, and its field is not wanted. While it is true and the file has no
 * such row, the one of the kind's default mapping counts, which mapping_default() shows as a comment.
 */
enum err mapping_parse(struct arena *a, const struct attrs *as, const struct source_type *type,
                       const char *yaml, struct mapping **out);

/* The default mapping of a kind in the file's form, commented, complete with status, options, guards. */
char *mapping_default(struct arena *a, const struct source_type *type);

/* Value of one row for a record. Absent if any field it needs is absent. Lives as long as the record
 * or in `a`. */
struct raw map_value(struct arena *a, const struct mapping *m, const struct expr *e,
                     const struct record *r);

/* Is this person kept out? *why names the rule. ABSENT inputs make *unknown true. */
bool map_excluded(struct arena *a, const struct mapping *m, const struct record *r,
                  const char *email, const char **why, bool *unknown);

/* Positions in want of the fields an expression reads (guards and digests ask). */
size_t expr_inputs(const struct expr *e, const size_t **at);

enum status { STATUS_ACTIVE, STATUS_LEAVE, STATUS_GONE, STATUS_UNKNOWN };

/* The effective status without dates: compares without case (ASCII). Absent or empty → UNKNOWN. Which
 * values are known to this source is the caller's business. */
enum status map_status(struct arena *a, const struct mapping *m, const struct record *r,
                       struct raw *raw);

#endif
