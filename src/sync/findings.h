/*
 * findings.h — typed warnings of a plan, gathered by kind, subject and value.
 */
#ifndef SYNC_FINDINGS_H
#define SYNC_FINDINGS_H

#include "base/buf.h"
#include "base/table.h"

enum finding_kind {
#define FINDING(name, severity, what, todo) FINDING_##name,
#include "sync/findings.def"
#undef FINDING
    FINDING_KINDS
};
enum severity { NOTE, ATTENTION };

struct finding {
    enum finding_kind kind;
    const char *subject, *value;
    int64_t count;
    const char *who[10];            /* the first few, as labels or record ids */
    size_t nwho;
};

/* At most 1,000 different ones are kept apart; more are counted in the last of their kind. */
struct findings {
    struct arena *mem;
    struct finding *list;
    size_t n, cap;
    struct table index;
};

void findings_free(struct findings *f);
void findings_add(struct findings *f, enum finding_kind kind, const char *subject,
                  const char *value, const char *who);
bool findings_attention(const struct findings *f);
size_t findings_count(const struct findings *f, enum finding_kind kind);

/* JSON list of {type, severity, subject, value, count, people, message, advice}. */
char *findings_json(struct arena *a, const struct findings *f);
const char *finding_name(enum finding_kind k);

#endif
