/*
 * slow_sync.c — LD_PRELOAD: every fsync takes 5 ms longer, as on the volume of a cloud.
 */
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static void disk_turns(void)
{
    nanosleep(&(struct timespec){ .tv_nsec = 5000000 }, NULL);
}

int fdatasync(int fd)
{
    disk_turns();
    return (int)syscall(SYS_fdatasync, fd);
}

int fsync(int fd)
{
    disk_turns();
    return (int)syscall(SYS_fsync, fd);
}
