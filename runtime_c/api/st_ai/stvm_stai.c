/* SPDX-License-Identifier: Apache-2.0 */
/* A context is its owner's memory: a stai_context, then the addresses of the network's pools. */
#include "stvm_stai.h"

#include <string.h>

#define STAI_CONTEXT_MAGIC UINT32_C(0x5354564d)
#define STAI_CONTEXT_ALIGNMENT 8U

static uint8_t** pools_of(stai_context* context) {
  return (uint8_t**)(void*)(context + 1);
}

/* The codes of a missing buffer and of a wrong number of them. */
static const stai_return_code pointer_errors[] = {
    STAI_ERROR_NETWORK_INVALID_ACTIVATIONS_PTR, STAI_ERROR_NETWORK_INVALID_WEIGHTS_PTR,
    STAI_ERROR_NETWORK_INVALID_IN_PTR, STAI_ERROR_NETWORK_INVALID_OUT_PTR};
static const stai_return_code number_errors[] = {STAI_ERROR_NETWORK_INVALID_ACTIVATIONS_NUM,
                                                 STAI_ERROR_NETWORK_INVALID_WEIGHTS_NUM,
                                                 STAI_ERROR_NETWORK_INVALID_IN_NUM, STAI_ERROR_NETWORK_INVALID_OUT_NUM};

static uint32_t count_of(const stai_tables* tables, stai_buffers kind) {
  switch (kind) {
    case STAI_ACTIVATIONS:
      return tables->network->arena_count;
    case STAI_WEIGHTS:
      return tables->info->n_weights;
    case STAI_INPUTS:
      return tables->network->input_count;
    default:
      return tables->network->output_count;
  }
}

static uint32_t first_of(const stai_tables* tables, stai_buffers kind) {
  switch (kind) {
    case STAI_ACTIVATIONS:
      return 0;
    case STAI_WEIGHTS:
      return stvm_weights_pool(tables->network);
    case STAI_INPUTS:
      return stvm_input_pool(tables->network);
    default:
      return stvm_output_pool(tables->network);
  }
}

static stai_return_code check_memory(const stai_network* network) {
  if (network == NULL) {
    return STAI_ERROR_NETWORK_INVALID_CONTEXT_HANDLE;
  }
  return (uintptr_t)network % STAI_CONTEXT_ALIGNMENT == 0 ? STAI_SUCCESS : STAI_ERROR_NETWORK_INVALID_CONTEXT_ALIGNMENT;
}

/* Whether `network` is a context of this network that init made. */
static stai_return_code check(const stai_tables* tables, stai_network* network, stai_context** context) {
  const stai_return_code code = check_memory(network);
  *context = (stai_context*)(void*)network;
  if (code != STAI_SUCCESS) {
    return code;
  }
  return (*context)->magic == STAI_CONTEXT_MAGIC && (*context)->tables == tables
             ? STAI_SUCCESS
             : STAI_ERROR_NETWORK_INVALID_CONTEXT_HANDLE;
}

/* Keeps the first error; returns what is kept. */
static stai_return_code keep(stai_context* context, stai_return_code code) {
  if (context->error == STAI_SUCCESS) {
    context->error = code;
  }
  return context->error;
}

static stvm_status run_plainly(stai_context* context) {
  return stvm_run(context->tables->network, pools_of(context));
}

/* Only the weights have an address before the application gives one; none where they are not sound. */
static stai_return_code clear_pools(stai_context* context) {
  const stvm_network* const network = context->tables->network;
  uint8_t** const pools = pools_of(context);
  memset(pools, 0, stvm_pool_count(network) * sizeof *pools);
  return stvm_place_weights(network, pools) == STVM_OK ? STAI_SUCCESS : STAI_ERROR_NETWORK_INVALID_WEIGHTS_PTR;
}

stai_return_code stvm_stai_init(const stai_tables* tables, stai_network* network) {
  const stai_return_code code = check_memory(network);
  if (code == STAI_SUCCESS) {
    stai_context* const context = (stai_context*)(void*)network;
    context->magic = STAI_CONTEXT_MAGIC;
    context->error = STAI_SUCCESS;
    context->tables = tables;
    context->run = run_plainly;
    context->callback = NULL;
    context->callback_cookie = NULL;
    return keep(context, clear_pools(context));
  }
  return code;
}

stai_return_code stvm_stai_deinit(const stai_tables* tables, stai_network* network) {
  stai_context* context;
  const stai_return_code code = check(tables, network, &context);
  if (code != STAI_SUCCESS) {
    return code;
  }
  return keep(context, clear_pools(context));
}

static int has_all(const stai_context* context, stai_buffers kind) {
  uint8_t** const pools = pools_of((stai_context*)context) + first_of(context->tables, kind);
  for (uint32_t i = 0; i < count_of(context->tables, kind); ++i) {
    if (pools[i] == NULL) {
      return 0;
    }
  }
  return 1;
}

stai_return_code stvm_stai_run(const stai_tables* tables, stai_network* network) {
  static const stai_buffers order[] = {STAI_ACTIVATIONS, STAI_INPUTS, STAI_OUTPUTS, STAI_WEIGHTS};
  stai_context* context;
  const stai_return_code code = check(tables, network, &context);
  if (code != STAI_SUCCESS) {
    return code;
  }
  for (uint32_t i = 0; i < sizeof order / sizeof order[0]; ++i) {
    if (!has_all(context, order[i])) {
      return keep(context, pointer_errors[order[i]]);
    }
  }
  return keep(context, context->run(context) == STVM_OK ? STAI_SUCCESS : STAI_ERROR_NETWORK_INVALID_RUN);
}

stai_return_code stvm_stai_get_info(const stai_tables* tables, stai_network* network, stai_network_info* info) {
  stai_context* context;
  const stai_return_code code = check(tables, network, &context);
  if (code != STAI_SUCCESS) {
    return code;
  }
  if (info == NULL) {
    return keep(context, STAI_ERROR_NETWORK_INVALID_API_ARGUMENTS);
  }
  *info = *tables->info;
  return STAI_SUCCESS;
}

stai_return_code stvm_stai_get(const stai_tables* tables, stai_network* network, stai_buffers kind, stai_ptr* addresses,
                               stai_size* count) {
  stai_context* context;
  const stai_return_code code = check(tables, network, &context);
  if (code != STAI_SUCCESS) {
    return code;
  }
  if (count == NULL) {
    return keep(context, STAI_ERROR_NETWORK_INVALID_API_ARGUMENTS);
  }
  *count = count_of(tables, kind);
  if (addresses != NULL) {
    memcpy(addresses, pools_of(context) + first_of(tables, kind), *count * sizeof *addresses);
  }
  return context->error;
}

stai_return_code stvm_stai_set(const stai_tables* tables, stai_network* network, stai_buffers kind,
                               const stai_ptr* addresses, stai_size count) {
  stai_context* context;
  const stai_return_code code = check(tables, network, &context);
  const uint32_t first = first_of(tables, kind);
  if (code != STAI_SUCCESS) {
    return code;
  }
  if (addresses == NULL) {
    return keep(context, STAI_ERROR_NETWORK_INVALID_API_ARGUMENTS);
  }
  if (count != count_of(tables, kind)) {
    return keep(context, number_errors[kind]);
  }
  for (uint32_t i = 0; i < count; ++i) {
    if (addresses[i] == NULL) {
      return keep(context, pointer_errors[kind]);
    }
    if ((uintptr_t)addresses[i] % tables->network->pools[first + i].alignment != 0) {
      return keep(context, STAI_ERROR_INVALID_BUFFER_ALIGNMENT);
    }
    pools_of(context)[first + i] = addresses[i];
  }
  if (kind == STAI_ACTIVATIONS) {
    stvm_place_interface(tables->network, pools_of(context));
  }
  return context->error;
}

stai_return_code stvm_stai_get_states(const stai_tables* tables, stai_network* network, stai_size* count) {
  stai_context* context;
  const stai_return_code code = check(tables, network, &context);
  if (code != STAI_SUCCESS) {
    return code;
  }
  if (count == NULL) {
    return keep(context, STAI_ERROR_NETWORK_INVALID_API_ARGUMENTS);
  }
  *count = 0;
  return context->error;
}

stai_return_code stvm_stai_get_error(const stai_tables* tables, stai_network* network) {
  stai_context* context;
  const stai_return_code code = check(tables, network, &context);
  return code == STAI_SUCCESS ? context->error : code;
}

stai_return_code stvm_stai_set_callback(const stai_tables* tables, stai_network* network, stai_event_cb callback,
                                        void* cookie, stvm_status (*observed_run)(stai_context* context)) {
  stai_context* context;
  const stai_return_code code = check(tables, network, &context);
  if (code != STAI_SUCCESS) {
    return code;
  }
  context->callback = callback;
  context->callback_cookie = cookie;
  context->run = callback == NULL ? run_plainly : observed_run;
  return context->error;
}

stvm_context stvm_stai_instance(stai_network* network) {
  stai_context* const context = (stai_context*)(void*)network;
  const stvm_context instance = {context->tables->network, pools_of(context)};
  return instance;
}
