/* SPDX-License-Identifier: Apache-2.0 */
/* An instance of the st-ai API, with activations and a context here. */
#include "instance.h"

#include "@NAME@.h"
#include "stvm_stai.h"

STAI_ALIGNED(STAI_@UPPER@_CONTEXT_ALIGNMENT)
static stai_network network_context[STAI_@UPPER@_CONTEXT_SIZE];
@ARENAS@

const stvm_context* instance_create(void) {
  static stvm_context instance;
  const stai_ptr arenas[STAI_@UPPER@_ACTIVATIONS_NUM] = {@ARENA_NAMES@};
  (void)stai_@NAME@_init(network_context);
  if (stai_@NAME@_set_activations(network_context, arenas, STAI_@UPPER@_ACTIVATIONS_NUM) != STAI_SUCCESS) {
    return NULL;
  }
  instance = stvm_stai_instance(network_context);
  return &instance;
}
