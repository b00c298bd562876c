/*
 * token.h — bearer tokens of programs: class, owner, expiry; stored hashed, shown once.
 *
 * A token reads "muster_scim_" + its id (13 letters) + "_" + 32 letters base32 of randomness (160 bits); secret
 * scanners find the prefix, and the id finds the row without a search by hash.
 */
#ifndef AUTH_TOKEN_H
#define AUTH_TOKEN_H

#include "store/work.h"

enum token_class { TOKEN_SCIM = 1, TOKEN_CONTENT, TOKEN_ADMIN };

struct token {
    int64_t id, workspace, source /* of a scim token */, created_at, expires_at /* 0: never */,
        used_at;
    enum token_class class;
    const char *name;
    bool paused;                    /* the source it belongs to is; only from token_check() */
};

const char *token_class_name(enum token_class c);
bool token_class_read(const char *name, enum token_class *out);

/* *secret is the token's text: nobody can read it again. Names are unique in a workspace. */
enum err token_add(struct work *w, const struct token *t, const char **secret);
enum err token_list(struct work *w, struct token **out, size_t *n);
enum err token_revoke(struct work *w,
                      const char *name_or_id); /* ERR_NOT_FOUND names those there are */

/*
 * Who sends this Authorization header? Sets nothing in `w`. ERR_DENIED: absent, malformed, unknown, expired, revoked
 * (one and the same answer; err_text() differs only where the client sent no token at all). Looks at a memory of
 * at most a second; `w` needs no workspace. last use is noted at most once a minute, by a queued write of its own.
 */
enum err token_check(struct work *w, const char *authorization, struct token *out);

/* ERR_FORBIDDEN with the words of the product for a token of another class. */
enum err token_is(const struct token *t, enum token_class wanted);

/*
 * Failed attempts of an address: more than a few a minute are ERR_LIMITED. A good token is never refused. In memory,
 * bounded; call throttle_failed() when token_check() said ERR_DENIED although a token was sent.
 */
enum err throttle_failed(const char *address, int64_t now);

#endif
