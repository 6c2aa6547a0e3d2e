// A command of the Python wheel: starts the program in the same environment under the command's name.
//
// pip cannot install links, and 40 copies of the program would be too many. No Python runs: this
// file is in ENVIRONMENT/bin, the program in the environment's site-packages.
#define _GNU_SOURCE
#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PROGRAM "nnunet_swift/nnunet"

// Where installers put packages, relative to the folder of commands. The first is that of --target.
static const char *const patterns[] = {
    "../" PROGRAM,
    "../lib/python3*/site-packages/" PROGRAM,
    "../lib64/python3*/site-packages/" PROGRAM,
    "../lib/python3*/dist-packages/" PROGRAM,
    "../local/lib/python3*/dist-packages/" PROGRAM,
};

// The program that was installed last, if several Pythons share the folder of commands.
static int find(const char *folder, char *found) {
  time_t newest = 0;
  int any = 0;
  for (size_t i = 0; i < sizeof patterns / sizeof *patterns; ++i) {
    char pattern[2 * PATH_MAX];
    size_t at = 0;
    // The folder's name is not a pattern.
    for (const char *c = folder; *c && at < PATH_MAX; ++c) {
      if (strchr("*?[\\", *c)) pattern[at++] = '\\';
      pattern[at++] = *c;
    }
    snprintf(pattern + at, sizeof pattern - at, "/%s", patterns[i]);
    glob_t matches;
    if (glob(pattern, 0, 0, &matches) != 0) continue;
    for (size_t m = 0; m < matches.gl_pathc; ++m) {
      struct stat status;
      const char *path = matches.gl_pathv[m];
      if (strlen(path) >= PATH_MAX || stat(path, &status) != 0) continue;
      if (any && status.st_ctime <= newest) continue;
      any = 1;
      newest = status.st_ctime;
      strcpy(found, path);
    }
    globfree(&matches);
  }
  return any;
}

int main(int count, char **arguments) {
  (void)count;
  char self[PATH_MAX], program[PATH_MAX];
  ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
  if (length <= 0) {
    fprintf(stderr, "error: /proc/self/exe cannot be read: %s\nMount /proc.\n", strerror(errno));
    return 1;
  }
  self[length] = 0;
  *strrchr(self, '/') = 0;
  if (!find(self, program)) {
    fprintf(stderr,
            "error: The program of nnunet-swift was not found in the environment of %s.\n"
            "Install the package again: pip install --force-reinstall nnunet-swift\n",
            self);
    return 1;
  }
  execv(program, arguments);
  fprintf(stderr, "error: %s cannot be started: %s\n", program, strerror(errno));
  return 1;
}
