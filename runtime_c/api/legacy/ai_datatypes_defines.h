/* SPDX-License-Identifier: Apache-2.0 */
/* Words of X-CUBE-AI's own sources that applications use, too. */
#ifndef AI_DATATYPES_DEFINES_H
#define AI_DATATYPES_DEFINES_H

#include "ai_platform.h"

#define AI_STATIC static
#define AI_STATIC_CONST static const
#define AI_INLINE static inline
#define AI_CONST const

#endif /* AI_DATATYPES_DEFINES_H */
