/* SPDX-License-Identifier: Apache-2.0
 * For LD_PRELOAD: a program whose clocks are as many seconds off as the file named by MOVED_CLOCK
 * says, two native 64-bit integers that may change at any time: one for the wall clock, which may
 * be set to any date, and one for the monotonic clocks, which count from the start of the machine
 * and are never negative. What waits until a time waits as long as it would by the true clocks. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

struct offsets {
  int64_t wall, monotonic;
};
static const volatile struct offsets none = {0, 0};
static const volatile struct offsets* moved = &none;

__attribute__((constructor)) static void open_offset(void) {
  const char* path = getenv("MOVED_CLOCK");
#ifdef MOVED_CLOCK_FILE
  // For /etc/ld.so.preload: for all programs, but those that have been given another one.
  path = path == NULL ? MOVED_CLOCK_FILE : NULL;
#endif
  const int file = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
  if (file == -1) return;
  void* shared = mmap(NULL, sizeof(struct offsets), PROT_READ, MAP_SHARED, file, 0);
  if (shared != MAP_FAILED) moved = shared;
  close(file);
}

static int64_t offset_of(clockid_t id) {
  switch (id) {
    case CLOCK_REALTIME:
    case CLOCK_REALTIME_COARSE:
      return moved->wall;
    case CLOCK_MONOTONIC:
    case CLOCK_MONOTONIC_COARSE:
    case CLOCK_BOOTTIME:
      return moved->monotonic;
    default:
      return 0;
  }
}

int clock_gettime(clockid_t id, struct timespec* now) {
  if (syscall(SYS_clock_gettime, id, now) != 0) return -1;
  now->tv_sec += offset_of(id);
  return 0;
}

time_t time(time_t* out) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (out != NULL) *out = now.tv_sec;
  return now.tv_sec;
}

int gettimeofday(struct timeval* out, void* zone) {
  (void)zone;
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  out->tv_sec = now.tv_sec;
  out->tv_usec = now.tv_nsec / 1000;
  return 0;
}

static struct timespec unmoved(const struct timespec* until, clockid_t id) {
  struct timespec time = *until;
  time.tv_sec -= offset_of(id);
  return time;
}

int pthread_cond_timedwait(pthread_cond_t* condition, pthread_mutex_t* mutex,
                           const struct timespec* until) {
  static int (*wait)(pthread_cond_t*, pthread_mutex_t*, const struct timespec*);
  if (wait == NULL) wait = dlvsym(RTLD_NEXT, "pthread_cond_timedwait", "GLIBC_2.3.2");
  const struct timespec time = unmoved(until, CLOCK_REALTIME);
  return wait(condition, mutex, &time);
}

int pthread_cond_clockwait(pthread_cond_t* condition, pthread_mutex_t* mutex, clockid_t id,
                           const struct timespec* until) {
  static int (*wait)(pthread_cond_t*, pthread_mutex_t*, clockid_t, const struct timespec*);
  if (wait == NULL) wait = dlsym(RTLD_NEXT, "pthread_cond_clockwait");
  const struct timespec time = unmoved(until, id);
  return wait(condition, mutex, id, &time);
}
