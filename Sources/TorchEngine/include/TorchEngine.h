// The engine's only export; programs find it with dlsym, by the name that CTorch.h gives.
#pragma once

#include "CTorch.h"

#ifdef __cplusplus
extern "C"
#endif
const CTEngine *_Nonnull ctorch_engine(void);
