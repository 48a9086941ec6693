/* Put in front of the C library (LD_PRELOAD), fails calls of burstnet as the environment says:
 * FAIL_CALL   open, read, spawn or thread
 * FAIL_PATH   what the path of the file has in it (open and read)
 * FAIL_AT     the number of the first such call that fails, from 0
 * FAIL_TIMES  how many fail from then on
 * FAIL_ERRNO  with which error
 * With clock as the call, the clock is in 1938. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static atomic_long calls;

static int is_burstnet(void) {
  static atomic_int known; /* 1 no, 2 yes */
  if (!known) {
    char path[4096];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
    path[n > 0 ? n : 0] = 0;
    const char *name = strrchr(path, '/');
    known = name && strcmp(name, "/burstnet") == 0 ? 2 : 1;
  }
  return known == 2;
}

static long number(const char *name, long otherwise) {
  const char *text = getenv(name);
  return text ? atol(text) : otherwise;
}

/* The error with which this call fails; 0 if it does not. */
static int fails(const char *call, const char *path) {
  const char *chosen = getenv("FAIL_CALL"), *part = getenv("FAIL_PATH");
  if (!chosen || strcmp(chosen, call) != 0 || !is_burstnet()) return 0;
  if (path && part && !strstr(path, part)) return 0;
  long at = number("FAIL_AT", 0), call_number = calls++;
  return call_number >= at && call_number - at < number("FAIL_TIMES", 1) ? (int)number("FAIL_ERRNO", EIO) : 0;
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define OPEN(name)                                            \
  int name(const char *path, int flags, ...) {                \
    va_list more;                                             \
    va_start(more, flags);                                    \
    mode_t mode = va_arg(more, mode_t);                       \
    va_end(more);                                             \
    int error = fails("open", path);                          \
    if (error) return errno = error, -1;                      \
    return NEXT(name)(path, flags, mode);                     \
  }
OPEN(open)
OPEN(open64)

ssize_t read(int fd, void *into, size_t n) {
  char link[64], path[4096];
  int before = errno;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  path[length > 0 ? length : 0] = 0;
  int error = fails("read", path);
  errno = before;
  if (error) return errno = error, -1;
  return NEXT(read)(fd, into, n);
}

int posix_spawnp(pid_t *pid, const char *file, const posix_spawn_file_actions_t *actions, const posix_spawnattr_t *how,
                 char *const *arguments, char *const *environment) {
  int error = fails("spawn", NULL);
  return error ? error : NEXT(posix_spawnp)(pid, file, actions, how, arguments, environment);
}

int pthread_create(pthread_t *thread, const pthread_attr_t *how, void *(*start)(void *), void *argument) {
  int error = fails("thread", NULL);
  return error ? error : NEXT(pthread_create)(thread, how, start, argument);
}

int clock_gettime(clockid_t clock, struct timespec *time) {
  int result = NEXT(clock_gettime)(clock, time);
  const char *chosen = getenv("FAIL_CALL");
  if (clock == CLOCK_REALTIME && chosen && strcmp(chosen, "clock") == 0) time->tv_sec = -1000000000;
  return result;
}
