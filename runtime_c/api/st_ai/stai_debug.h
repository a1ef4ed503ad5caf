/* SPDX-License-Identifier: Apache-2.0 */
/* Names of the st-ai API's codes, and macros that applications may define to something before this header. */
#ifndef STAI_DEBUG_H
#define STAI_DEBUG_H

#include "stai.h"

#ifndef STAI_ASSERT
#define STAI_ASSERT(cond) (void)sizeof(cond);
#endif
#ifndef STAI_PRINT
#define STAI_PRINT(...) ;
#endif

STAI_API_DECLARE_BEGIN

/* "STAI_SUCCESS"; "UNKNOWN" for a value that is no code. */
const char* stai_get_return_code_name(const stai_return_code code);
/* "STAI_FORMAT_TYPE_Q" */
const char* stai_get_format_type_name(const stai_format_type fmt_type);
/* "STAI_FORMAT_S8" */
const char* stai_get_format_name(const stai_format fmt);

STAI_API_DECLARE_END

#endif /* STAI_DEBUG_H */
