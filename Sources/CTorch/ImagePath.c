#define _GNU_SOURCE  // dladdr1
#include <dlfcn.h>
#include <limits.h>
#ifdef __linux__
#include <link.h>
#endif
#include <unistd.h>

#include "CTorch.h"

#ifdef __linux__
static char executable[PATH_MAX];

// For the executable itself, dladdr gives the name it was called by: without a folder if it was
// found in PATH, otherwise that of a link or a launcher, and meaningless after a change of the
// current folder.
__attribute__((constructor)) static void find_executable(void) {
  ssize_t length = readlink("/proc/self/exe", executable, sizeof executable - 1);
  executable[length > 0 ? length : 0] = 0;
}
#endif

const char *ctorch_image_path(void) {
  Dl_info information;
#ifdef __linux__
  struct link_map *image = 0;
  if (!dladdr1((const void *)&ctorch_image_path, &information, (void **)&image, RTLD_DL_LINKMAP)) return 0;
  // The executable's entry has no name.
  if (image && !image->l_name[0] && executable[0]) return executable;
#else
  if (!dladdr((const void *)&ctorch_image_path, &information)) return 0;
#endif
  return information.dli_fname;
}
