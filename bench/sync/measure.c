/*
 * measure.c — measure FILE COMMAND…: runs the command and writes "wall cpu peak" (seconds, seconds, MB) into FILE.
 *
 * A program of its own because a child's peak memory starts with that of whoever started it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double spent(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

int main(int argc, char **argv)
{
    struct rusage used;
    int status;

    if (argc < 3)
        return 2;
    double start = seconds();
    pid_t child = fork();
    if (child == 0) {
        execvp(argv[2], argv + 2);
        perror(argv[2]);
        _exit(127);
    }
    if (child < 0 || wait4(child, &status, 0, &used) != child)
        return 3;
    double wall = seconds() - start;
    FILE *out = fopen(argv[1], "w");
    if (out == NULL)
        return 3;
    fprintf(out, "%.4f %.4f %.1f\n", wall, spent(used.ru_utime) + spent(used.ru_stime),
            (double)used.ru_maxrss / 1024);
    if (fclose(out) != 0)
        return 3;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
