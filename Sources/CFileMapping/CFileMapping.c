// Turns the fault when a mapped file becomes shorter into an ordinary error.
//
// The system raises SIGBUS when the program touches a page that the file no longer has. This ends
// the program without a message, and with it the work on all other files. This is C because a
// signal handler may call almost nothing: no locks, no memory, no Swift.
#include "CFileMapping.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

// Records are never freed, but reused, so that the handler can walk the list at any time.
struct file_mapping {
  // 0: nobody's; 1: being filled.
  _Atomic(uintptr_t) start;
  _Atomic(uintptr_t) end;
  atomic_int is_cut;
  file_mapping *_Nullable next;
};

static _Atomic(file_mapping *) first;
static struct sigaction before;
static uintptr_t page_size;

static void handle(int signal, siginfo_t *info, void *context) {
  (void)context;
  uintptr_t place = (uintptr_t)info->si_addr;
  for (file_mapping *mapping = atomic_load(&first); mapping; mapping = mapping->next) {
    uintptr_t start = atomic_load(&mapping->start), end = atomic_load(&mapping->end);
    if (start <= 1 || place < start || place >= end) continue;
    uintptr_t page = place & ~(page_size - 1);
    // Zeros to the end of the mapping: the following pages are missing as well.
    void *zeros = mmap((void *)page, end - page, PROT_READ, MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS,
                       -1, 0);
    if (zeros == MAP_FAILED) break;
    atomic_store(&mapping->is_cut, 1);
    return;
  }
  // Not ours: the instruction runs again and reaches the previous handler.
  sigaction(signal, &before, NULL);
}

static void install(void) {
  page_size = (uintptr_t)sysconf(_SC_PAGESIZE);
  struct sigaction action = {0};
  action.sa_sigaction = handle;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigemptyset(&action.sa_mask);
  sigaction(SIGBUS, &action, &before);
}

static file_mapping *free_record(void) {
  for (file_mapping *record = atomic_load(&first); record; record = record->next) {
    uintptr_t nobody = 0;
    if (atomic_compare_exchange_strong(&record->start, &nobody, 1)) return record;
  }
  file_mapping *record = calloc(1, sizeof *record);
  if (!record) abort();
  atomic_store(&record->start, 1);
  record->next = atomic_load(&first);
  while (!atomic_compare_exchange_weak(&first, &record->next, record)) {}
  return record;
}

file_mapping *file_mapping_watch(void *start, size_t count) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, install);
  file_mapping *record = free_record();
  atomic_store(&record->is_cut, 0);
  atomic_store(&record->end, (uintptr_t)start + count);
  atomic_store(&record->start, (uintptr_t)start);
  return record;
}

int file_mapping_is_cut(const file_mapping *mapping) { return atomic_load(&mapping->is_cut); }

void file_mapping_forget(file_mapping *mapping) {
  atomic_store(&mapping->end, 0);
  atomic_store(&mapping->start, 0);
}
