#define _GNU_SOURCE  // dladdr
#include <dlfcn.h>
#include <limits.h>
#include <unistd.h>

#include "CTorch.h"

#ifdef __linux__
static char executable[PATH_MAX];

// For the executable itself dladdr gives the name by which it was called, which has no folder when
// it was found along PATH, and means nothing after a change of the current folder.
__attribute__((constructor)) static void find_executable(void) {
  ssize_t length = readlink("/proc/self/exe", executable, sizeof executable - 1);
  executable[length > 0 ? length : 0] = 0;
}
#endif

const char *ctorch_image_path(void) {
  Dl_info information;
  if (!dladdr((const void *)&ctorch_image_path, &information)) return 0;
#ifdef __linux__
  if (information.dli_fname[0] != '/' && executable[0]) return executable;
#endif
  return information.dli_fname;
}
