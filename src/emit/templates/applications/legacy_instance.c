/* SPDX-License-Identifier: Apache-2.0 */
/* An instance of the legacy API, with activations here. */
#include "instance.h"

#include "@NAME@.h"
#include "@NAME@_data.h"
#include "stvm_legacy.h"

@ARENAS@

const stvm_context* instance_create(void) {
  static stvm_context instance;
  ai_handle network = AI_HANDLE_NULL;
  const ai_handle arenas[AI_@UPPER@_DATA_ACTIVATIONS_COUNT] = {@ARENA_NAMES@};
  if (ai_@NAME@_create_and_init(&network, arenas, NULL).type != AI_ERROR_NONE) {
    return NULL;
  }
  instance = stvm_legacy_instance(network);
  return &instance;
}
