#ifndef HDM_CZLIB_SHIM_H
#define HDM_CZLIB_SHIM_H

#include <zlib.h>

#endif
