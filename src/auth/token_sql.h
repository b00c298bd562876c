/* token_sql.h — the table of tokens; token.h is what others call. */
#ifndef AUTH_TOKEN_SQL_H
#define AUTH_TOKEN_SQL_H

#include "auth/token.h"
#include "base/crypt.h"

/* Whatever its workspace: the token is what says it. id 0: there is none. */
enum err token_row_find(struct work *w, int64_t id, struct token *out, struct crypt_digest *hash);

enum err token_rows(struct work *w, struct token **out, size_t *n);     /* oldest first */

/* Inside store_write(). */
enum err token_row_put(struct work *w, const struct token *t, const struct crypt_digest *hash);
enum err token_row_drop(struct work *w, int64_t id);
enum err token_row_used(struct work *w, int64_t id, int64_t at, int64_t unless_after);

#endif
