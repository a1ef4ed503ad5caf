/* SPDX-License-Identifier: Apache-2.0 */
/* The network that the application runs, below whatever device API it was emitted for. */
#ifndef INSTANCE_H
#define INSTANCE_H

#include "stvm.h"

#define INSTANCE_NAME "@NAME@"

/* The network's tensors and operators. */
extern const stvm_details @NAME@_stvm_details;
#define INSTANCE_DETAILS @NAME@_stvm_details

/* Makes the one instance, with memory for all its tensors. NULL when that fails. */
const stvm_context* instance_create(void);

#endif /* INSTANCE_H */
