/* workspace.h — workspaces by name, and their settings. */
#ifndef PEOPLE_WORKSPACE_H
#define PEOPLE_WORKSPACE_H

#include "store/work.h"

enum err workspace_find(struct work *w, const char *name, int64_t *id);         /* ERR_NOT_FOUND */
enum err workspace_make(struct work *w, const char *name, int64_t *id, bool *fresh);
enum err workspace_settings(struct work *w, const char **json);
enum err workspace_set(struct work *w, const char *key,
                       const char *value); /* NULL: back to the default */

/* One setting with its default. */
struct setting {
    const char *name, *otherwise, *help;
    const char *choices[2];         /* the two values it takes, if it is that kind */
};
const struct setting *workspace_known_settings(void);           /* ends with an empty row */
enum err workspace_get(struct work *w, const char *key, const char **value);

struct workspace { int64_t id; const char *name; };
enum err workspaces_list(struct work *w, struct workspace **out, size_t *n);

#endif
