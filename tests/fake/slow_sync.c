/* SPDX-License-Identifier: Apache-2.0
 * For LD_PRELOAD: a disk whose every flush takes so many milliseconds longer as the file named by SLOW_SYNC
 * says, a native 64-bit integer that may change at any time. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t none = 0;
static const volatile int64_t* delay = &none;

__attribute__((constructor)) static void open_delay(void) {
  const char* path = getenv("SLOW_SYNC");
  const int file = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
  if (file == -1) return;
  void* shared = mmap(NULL, sizeof(int64_t), PROT_READ, MAP_SHARED, file, 0);
  if (shared != MAP_FAILED) delay = shared;
  close(file);
}

static void take_time(void) {
  const int64_t milliseconds = *delay;
  struct timespec rest = {milliseconds / 1000, milliseconds % 1000 * 1000000};
  while (nanosleep(&rest, &rest) == -1 && errno == EINTR) {
  }
}

int fsync(int file) {
  static int (*flush)(int);
  if (flush == NULL) flush = dlsym(RTLD_NEXT, "fsync");
  take_time();
  return flush(file);
}

int fdatasync(int file) {
  static int (*flush)(int);
  if (flush == NULL) flush = dlsym(RTLD_NEXT, "fdatasync");
  take_time();
  return flush(file);
}
