/* doctor_store.c — the store, its key, the disk under it, and the libraries we stand on. */
#include <errno.h>
#include <libgen.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "base/str.h"
#include "base/version.h"
#include "cli/doctor.h"
#include "http/server.h"

enum { WAL_MOST_MB = 256, DISK_LEAST_MB = 500 };

static bool is_path(const char *url)
{
    return !strstr(url, "://");
}

static long long in_mb(uint64_t bytes)
{
    return (long long)(bytes >> 20);
}

/* ---- the key ---- */

void doctor_key(struct doctor *d)
{
    struct arena *mem = d->c->mem;
    const char *url = d->c->store_url, *path = getenv("MUSTER_KEY_FILE");
    struct stat st;

    if (str_empty(path) && !is_path(url)) {
        doctor_say(d, LEVEL_PROBLEM, "key",
                   "set MUSTER_KEY_FILE to the file that `muster init` made",
                   "a PostgreSQL store needs MUSTER_KEY_FILE, and it is not set");
        return;
    }
    path = str_empty(path) ? arena_printf(mem, "%s.key", url) : path;
    if (stat(path, &st) != 0)
        doctor_say(d, LEVEL_PROBLEM, "key",
                   errno == ENOENT ? "bring it back from where its copy is kept; a new "
                                     "store gets one from `muster init`"
                                   : "let the user who runs muster read it",
                   "%s cannot be read: %s", path, strerror(errno));
    else if (st.st_mode & 077)
        doctor_say(d, LEVEL_WARN, "key", arena_printf(mem, "chmod 600 %s", path),
                   "others than its owner may read %s (mode %03o); whoever has it can read every "
                   "secret in the "
                   "store",
                   path, (unsigned)st.st_mode & 0777);
    else
        doctor_say(d, LEVEL_OK, "key", NULL, "%s, for its owner only", path);
}

/* ---- the store ---- */

static void look_at_wal(struct doctor *d, const char *path)
{
    struct stat st;

    if (stat(arena_printf(d->c->mem, "%s-wal", path), &st) != 0)
        return;                                 /* nothing is waiting to be copied into the store */
    if (in_mb((uint64_t)st.st_size) > WAL_MOST_MB)
        doctor_say(d, LEVEL_WARN, "store",
                   "look for a program that keeps the store open and reads without end "
                   "(a shell in sqlite3?) and end it",
                   "its log of changes (%s-wal) has grown to %lld MB", path,
                   in_mb((uint64_t)st.st_size));
    else
        doctor_say(d, LEVEL_OK, "store", NULL, "its log of changes has %lld MB",
                   in_mb((uint64_t)st.st_size));
}

static void look_at_disk(struct doctor *d, const char *path)
{
    const char *folder = dirname(arena_text(d->c->mem, path));
    struct statvfs fs;
    struct stat st;

    if (statvfs(folder, &fs) != 0 || stat(path, &st) != 0) {
        doctor_say(d, LEVEL_WARN, "disk", NULL, "%s cannot be looked at: %s", folder,
                   strerror(errno));
        return;
    }
    uint64_t room = (uint64_t)fs.f_bavail * fs.f_frsize;
    uint64_t least = MAX((uint64_t)MB(DISK_LEAST_MB), (uint64_t)st.st_size / 2);
    if (room < least)
        doctor_say(d, LEVEL_WARN, "disk",
                   "make room: a run that finds the disk full stops and goes on when there "
                   "is room",
                   "%lld MB are left in %s, and the store has %lld MB", in_mb(room), folder,
                   in_mb((uint64_t)st.st_size));
    else
        doctor_say(d, LEVEL_OK, "disk", NULL, "%lld MB are left in %s", in_mb(room), folder);
}

void doctor_store(struct doctor *d)
{
    const char *engine = store_engine(d->c->store), *url = d->c->store_url;
    const char *version;

    if (store_ready(d->c->store) != OK || doctor_database(d->c->w, &version) != OK) {
        doctor_say_error(d, LEVEL_PROBLEM, "store", NULL);
        return;
    }
    bool file = str_eq(engine, "sqlite");
    doctor_say(d, LEVEL_OK, "store", NULL, "%s opens and can be written (%s %s)",
               file ? url : "the database", engine, version);
    if (!file)
        return;
    if (!version_reaches(version, "3.51.3"))
        doctor_say(d, LEVEL_NOTE, "libraries", NULL,
                   "SQLite %s can damage a store that several programs write to at once; muster's "
                   "own lock "
                   "beside the store prevents it. Do not write to the store with other programs",
                   version);
    look_at_wal(d, url);
    look_at_disk(d, url);
}

/* ---- libraries ---- */

void doctor_libraries(struct doctor *d)
{
    const char *http = server_library();

    doctor_say(d, LEVEL_OK, "version", NULL, "muster %s", muster_version);
    if (!version_reaches(http, "1.0.10"))
        doctor_say(d, LEVEL_NOTE, "libraries", NULL,
                   "libmicrohttpd %s accepts some malformed requests; muster refuses the dangerous "
                   "ones itself, "
                   "and a proxy in front is good advice. 1.0.10 is without these defects",
                   http);
    else
        doctor_say(d, LEVEL_OK, "libraries", NULL, "libmicrohttpd %s", http);
}
