#define _GNU_SOURCE
#include "CFuzzing.h"
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <unistd.h>

static atomic_llong held, peak, start, limit;

static void count(void *block) {
  if (!block) return;
  long long now = atomic_fetch_add(&held, (long long)malloc_usable_size(block)) +
                  (long long)malloc_usable_size(block);
  long long seen = atomic_load(&peak);
  while (now > seen && !atomic_compare_exchange_weak(&peak, &seen, now)) {}
}

// Before the memory is allocated: the request may exceed the machine's memory.
static void check(size_t size) {
  long long most = atomic_load(&limit);
  if (most > 0 && (size > (size_t)most || atomic_load(&held) - atomic_load(&start) + (long long)size > most))
    _exit(97);
}

static void discount(void *block) {
  if (block) atomic_fetch_sub(&held, (long long)malloc_usable_size(block));
}

void fuzz_memory_begin(void) {
  atomic_store(&start, atomic_load(&held));
  atomic_store(&peak, atomic_load(&held));
}

int64_t fuzz_memory_peak(void) { return atomic_load(&peak) - atomic_load(&start); }

void fuzz_memory_limit(int64_t bytes) { atomic_store(&limit, bytes); }

#ifdef __GLIBC__
extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);
extern void __libc_free(void *);

void *malloc(size_t size) {
  check(size);
  void *block = __libc_malloc(size);
  count(block);
  return block;
}

void *calloc(size_t number, size_t size) {
  size_t total;
  if (__builtin_mul_overflow(number, size, &total)) { errno = ENOMEM; return NULL; }
  check(total);
  void *block = __libc_calloc(number, size);
  count(block);
  return block;
}

void *realloc(void *block, size_t size) {
  check(size);
  size_t before = block ? malloc_usable_size(block) : 0;
  void *moved = __libc_realloc(block, size);
  if (moved || size == 0) {
    atomic_fetch_sub(&held, (long long)before);
    count(moved);
  }
  return moved;
}

void *memalign(size_t alignment, size_t size) {
  check(size);
  void *block = __libc_memalign(alignment, size);
  count(block);
  return block;
}

void *aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }

int posix_memalign(void **result, size_t alignment, size_t size) {
  *result = memalign(alignment, size);
  return *result ? 0 : ENOMEM;
}

void free(void *block) {
  discount(block);
  __libc_free(block);
}
#endif

static _Atomic uint64_t nowhere;
static _Atomic uint64_t *place = &nowhere;

int fuzz_open_place(const char *path) {
  int file = open(path, O_RDWR | O_CREAT, 0644);
  if (file < 0) return -1;
  int failed = ftruncate(file, 8);
  void *mapped = mmap(NULL, 8, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  if (failed || mapped == MAP_FAILED) return -1;
  place = mapped;
  return 0;
}

void fuzz_set_place(uint64_t number) { atomic_store(place, number); }

static int patience;

static void tick(int signal) {
  (void)signal;
  static uint64_t last = UINT64_MAX;
  static int ticks;
  uint64_t now = atomic_load(place);
  if (now != last) {
    last = now;
    ticks = 0;
  } else if (++ticks > patience) {
    _exit(98);
  }
}

void fuzz_watch(int seconds) {
  patience = seconds;
  signal(SIGPROF, tick);
  struct itimerval second = {{1, 0}, {1, 0}};
  setitimer(ITIMER_PROF, &second, NULL);
}
