#define _GNU_SOURCE  // dladdr
#include <dlfcn.h>

#include "CTorch.h"

const char *ctorch_image_path(void) {
  Dl_info information;
  return dladdr((const void *)&ctorch_image_path, &information) ? information.dli_fname : 0;
}
