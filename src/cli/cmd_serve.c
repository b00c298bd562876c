/* cmd_serve.c — `muster serve`: the HTTP server and the scheduler, until a signal ends them. */
#include <semaphore.h>
#include <signal.h>
#include <unistd.h>

#include "api/api.h"
#include "api/scim_log.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "base/version.h"
#include "cli/cli.h"
#include "sync/schedule.h"

static sem_t stopping;

/* Whichever thread the signal reaches: the main one waits for the semaphore. */
static void on_stop(int number)
{
    (void)number;
    if (cli_stop)
        _exit(130);                 /* asked twice: now */
    cli_stop = true;
    sem_post(&stopping);
}

static void catch_stop(void)
{
    struct sigaction act = { .sa_handler = on_stop };

    sem_init(&stopping, 0, 0);
    sigaction(SIGINT, &act, NULL);
    sigaction(SIGTERM, &act, NULL);
}

/* The address without its port, as it stands in a URL. */
static const char *host_of(struct arena *a, const char *listen)
{
    const char *colon = strrchr(listen, ':');

    return colon ? arena_textn(a, listen, (size_t)(colon - listen)) : listen;
}

static enum err check_public_url(const char *url)
{
    if (url && !str_starts(url, "https://") && !str_starts(url, "http://"))
        return errf(ERR_USAGE,
                    "--public-url takes a whole address, https://muster.example.com, not '%s'",
                    url);
    return OK;
}

static void tell_ready(struct cli *c, const char *listen, int port)
{
    const char *url = cli_value(c, "public-url");

    printf("Muster is ready at http://%s:%d/\n", host_of(c->mem, listen), port);
    if (url)
        printf("People reach it at %s\n", url);
    fflush(stdout);
}

enum err cmd_serve(struct cli *c)
{
    AUTO(scheduler) *scheduler = NULL;
    struct api api = { .started_at = clock_now(), .public_url = cli_value(c, "public-url") };
    const char *listen = cli_value(c, "listen") ? cli_value(c, "listen") : "127.0.0.1:8080";
    struct server_options options = {
        .listen = listen,
        .store = c->store,
        .tables = api_tables,
        .context = &api,
        .admit = api_admit,
        .tell = api_tell,
        .finished = api_finished,
    };
    struct server *server;

    TRY(check_public_url(cli_value(c, "public-url")));
    log_set_level(LOG_INFO);
    catch_stop();
    TRY(scim_log_start(c->store, &api.scim_log));
    enum err e = server_start(&options, &server);
    if (e != OK) {
        scim_log_stop(api.scim_log);
        return e;
    }
    __atomic_store_n(&api.server, server, __ATOMIC_RELEASE);
    e = scheduler_start(c->store, &scheduler);
    if (e == OK) {
        log_info("muster %s serves %s, listening on %s", muster_version, store_engine(c->store),
                 listen);
        tell_ready(c, listen, server_port(server));
        while (!cli_stop)
            sem_wait(&stopping);
        log_info("stopping: what is in work is finished or left where it can go on");
        scheduler_stop(scheduler);
    }
    server_stop(server);
    scim_log_stop(api.scim_log);
    scim_spaces_free();
    return e;
}
