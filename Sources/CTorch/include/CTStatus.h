// Status codes and messages.
#ifndef CT_STATUS_H
#define CT_STATUS_H

#include <stdbool.h>
#include <stdint.h>

/// The result of a call.
typedef enum CTStatus {
  CT_OK = 0,
  /// The device or the host does not have enough memory.
  CT_OUT_OF_MEMORY = 1,
  /// libtorch refused the arguments (shapes, types, devices).
  CT_INVALID_ARGUMENT = 2,
  /// The operation is not available on this device or in this build.
  CT_NOT_AVAILABLE = 3,
  /// Anything else.
  CT_FAILED = 4,
} CTStatus;

/// Why a call failed; written only then, always terminated.
typedef struct CTMessage {
  char text[1024];
} CTMessage;

#endif
