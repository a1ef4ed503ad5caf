/* SPDX-License-Identifier: Apache-2.0 */
/* The legacy API over stvm: instances, checks, and the descriptors of inputs and outputs. */
#include "stvm_legacy.h"

static uint32_t interface_count(const ai_network_tables* tables) {
  return (uint32_t)tables->network->input_count + tables->network->output_count;
}

/* The created instance of this network behind the handle; NULL for any other handle. */
static ai_network_instance* instance_of(const ai_network_tables* tables, ai_handle network) {
  for (uint32_t i = 0; i < tables->instance_count; ++i) {
    if (network == &tables->instances[i] && tables->instances[i].tables != NULL) {
      return &tables->instances[i];
    }
  }
  return NULL;
}

void stvm_legacy_fail(ai_network_instance* instance, ai_error_type type, ai_error_code code) {
  if (instance->error.type == AI_ERROR_NONE) {
    instance->error.type = (unsigned char)type;
    instance->error.code = (unsigned short)code;
  }
}

/* The same for functions that answer false. */
static ai_bool refuse(ai_network_instance* instance, ai_error_type type, ai_error_code code) {
  stvm_legacy_fail(instance, type, code);
  return false;
}

/* Gives the instance its part of each array, and descriptors as they are before init. */
static void make(const ai_network_tables* tables, ai_network_instance* instance) {
  static const ai_error no_error = AI_ERROR_INIT(NONE, NONE);
  const uint32_t index = (uint32_t)(instance - tables->instances);
  const uint32_t count = interface_count(tables);
  uint32_t dimension_count = 0;
  for (uint32_t i = 0; i < count; ++i) {
    dimension_count += tables->interface[i].shape.size;
  }
  ai_shape_dimension* dimensions = tables->dimensions + index * dimension_count;
  instance->interface = tables->interfaces + index * count;
  for (uint32_t i = 0; i < count; ++i) {
    const ai_buffer_shape* const shape = &tables->interface[i].shape;
    instance->interface[i] = tables->interface[i];
    instance->interface[i].shape.data = dimensions;
    for (uint32_t j = 0; j < shape->size; ++j) {
      dimensions[j] = shape->data[j];
    }
    dimensions += shape->size;
  }
  instance->context.network = tables->network;
  instance->context.pools = tables->pools + index * stvm_pool_count(tables->network);
  instance->run = NULL;
  instance->observer = NULL;
  instance->error = no_error;
}

stvm_status stvm_legacy_run_plainly(ai_network_instance* instance) {
  return stvm_run(instance->context.network, instance->context.pools);
}

ai_error stvm_legacy_create(const ai_network_tables* tables, ai_handle* network) {
  static const ai_error no_handle = AI_ERROR_INIT(INVALID_PARAM, INVALID_PTR);
  static const ai_error all_in_use = AI_ERROR_INIT(ALLOCATION_FAILED, IN_USE);
  ai_network_instance* instance = tables->instances;
  uint32_t i = 0;
  if (network == NULL) {
    return no_handle;
  }
  *network = AI_HANDLE_NULL;
  /* The only instance is given anew, as ST's runtime does. */
  while (tables->instance_count > 1 && instance->tables != NULL) {
    if (++i == tables->instance_count) {
      return all_in_use;
    }
    ++instance;
  }
  make(tables, instance);
  instance->tables = tables;
  *network = instance;
  return instance->error;
}

ai_handle stvm_legacy_destroy(const ai_network_tables* tables, ai_handle network) {
  ai_network_instance* const instance = instance_of(tables, network);
  if (instance == NULL) {
    return network;
  }
  instance->tables = NULL;
  instance->run = NULL;
  return AI_HANDLE_NULL;
}

ai_error stvm_legacy_get_error(const ai_network_tables* tables, ai_handle network) {
  static const ai_error none = AI_ERROR_INIT(NONE, NONE);
  static const ai_error bad_handle = AI_ERROR_INIT(INVALID_HANDLE, NETWORK);
  ai_network_instance* const instance = instance_of(tables, network);
  if (instance == NULL) {
    return bad_handle;
  }
  const ai_error error = instance->error;
  instance->error = none;
  return error;
}

/* Sets the pool's address, or tells that it cannot be that. */
static ai_bool set_pool(ai_network_instance* instance, uint32_t pool, uint8_t* address, ai_error_code code) {
  const stvm_pool* const needed = &instance->context.network->pools[pool];
  if ((address == NULL && needed->bytes != 0) || (uintptr_t)address % needed->alignment != 0) {
    return refuse(instance, AI_ERROR_INIT_FAILED, code);
  }
  instance->context.pools[pool] = address;
  return true;
}

ai_bool stvm_legacy_init(const ai_network_tables* tables, ai_handle network, const ai_network_params* params) {
  ai_network_instance* const instance = instance_of(tables, network);
  if (instance == NULL) {
    return false;
  }
  if (params == NULL) {
    return refuse(instance, AI_ERROR_INIT_FAILED, AI_ERROR_CODE_NETWORK_PARAMS);
  }
  const uint32_t arena_count = tables->network->arena_count;
  const uint32_t weights_count = tables->weights_count;
  const ai_bool is_map = params->map_signature == AI_MAGIC_SIGNATURE;
  const ai_buffer* const activations = is_map ? params->map_activations.buffer : &params->activations;
  const ai_buffer* const weights = is_map ? params->map_weights.buffer : &params->params;
  /* ai_<name>_data_weights_get() gives the table, not what is in it. */
  const ai_bool is_table = weights != NULL && weights->data == (ai_handle)tables->weights_table;
  instance->run = NULL;
  if (arena_count > (is_map ? params->map_activations.size : 1U) || (arena_count > 0 && activations == NULL)) {
    return refuse(instance, AI_ERROR_INIT_FAILED, AI_ERROR_CODE_NETWORK_ACTIVATIONS);
  }
  if ((!is_table && weights_count > (is_map ? params->map_weights.size : 1U)) ||
      (weights_count > 0 && weights == NULL) ||
      stvm_place_weights(tables->network, instance->context.pools) != STVM_OK) {
    return refuse(instance, AI_ERROR_INIT_FAILED, AI_ERROR_CODE_NETWORK_WEIGHTS);
  }
  for (uint32_t i = 0; i < arena_count; ++i) {
    if (!set_pool(instance, i, (uint8_t*)activations[i].data, AI_ERROR_CODE_NETWORK_ACTIVATIONS)) {
      return false;
    }
  }
  for (uint32_t i = 0; i < weights_count; ++i) {
    const ai_handle address = is_table ? tables->weights_table[1 + i] : weights[i].data;
    if (!set_pool(instance, stvm_weights_pool(tables->network) + i, (uint8_t*)address, AI_ERROR_CODE_NETWORK_WEIGHTS)) {
      return false;
    }
  }
  stvm_place_interface(tables->network, instance->context.pools);
  for (uint32_t i = 0; i < interface_count(tables); ++i) {
    instance->interface[i].data = instance->context.pools[stvm_input_pool(tables->network) + i];
  }
  instance->run = stvm_legacy_run_plainly;
  return true;
}

/* The two arrays of blocks. */
static void show_blocks(const ai_network_tables* tables, ai_buffer_array* weights, ai_buffer_array* activations) {
  activations->flags = AI_FLAG_NONE;
  activations->size = tables->network->arena_count;
  activations->buffer = tables->blocks;
  weights->flags = AI_FLAG_NONE;
  weights->size = tables->weights_count;
  weights->buffer = tables->blocks + tables->network->arena_count;
}

ai_bool stvm_legacy_params_get(const ai_network_tables* tables, ai_network_params* params) {
  const uint32_t arena_count = tables->network->arena_count;
  if (params == NULL) {
    return false;
  }
  for (uint32_t i = 0; i < arena_count; ++i) {
    tables->blocks[i].data = tables->activations_table[1 + i];
  }
  for (uint32_t i = 0; i < tables->weights_count; ++i) {
    tables->blocks[arena_count + i].data = tables->weights_table[1 + i];
  }
  params->map_signature = AI_MAGIC_SIGNATURE;
  show_blocks(tables, &params->map_weights, &params->map_activations);
  return true;
}

ai_error stvm_legacy_create_and_init(const ai_network_tables* tables, ai_handle* network, const ai_handle* activations,
                                     const ai_handle* weights) {
  ai_network_params params;
  const ai_error error = stvm_legacy_create(tables, network);
  if (error.type != AI_ERROR_NONE) {
    return error;
  }
  (void)stvm_legacy_params_get(tables, &params);
  for (uint32_t i = 0; activations != NULL && i < params.map_activations.size; ++i) {
    params.map_activations.buffer[i].data = activations[i];
  }
  for (uint32_t i = 0; weights != NULL && i < params.map_weights.size; ++i) {
    params.map_weights.buffer[i].data = weights[i];
  }
  (void)stvm_legacy_init(tables, *network, &params);
  return stvm_legacy_get_error(tables, *network);
}

/* Fills what both forms of a report have in common. */
static ai_network_instance* fill_report(const ai_network_tables* tables, ai_handle network, ai_network_report* report) {
  ai_network_instance* const instance = instance_of(tables, network);
  if (instance == NULL) {
    return NULL;
  }
  if (report == NULL) {
    stvm_legacy_fail(instance, AI_ERROR_INVALID_PARAM, AI_ERROR_CODE_INVALID_PTR);
    return NULL;
  }
  *report = *tables->report;
  report->inputs = instance->interface;
  report->outputs = instance->interface + tables->network->input_count;
  return instance;
}

ai_bool stvm_legacy_get_report(const ai_network_tables* tables, ai_handle network, ai_network_report* report) {
  const ai_network_instance* const instance = fill_report(tables, network, report);
  if (instance == NULL) {
    return false;
  }
  report->map_signature = AI_MAGIC_SIGNATURE;
  show_blocks(tables, &report->map_weights, &report->map_activations);
  for (uint32_t i = 0; instance->run != NULL && i < (uint32_t)report->map_activations.size + tables->weights_count;
       ++i) {
    tables->blocks[i].data = instance->context.pools[i];
  }
  return true;
}

ai_bool stvm_legacy_get_info(const ai_network_tables* tables, ai_handle network, ai_network_report* report) {
  const ai_network_instance* const instance = fill_report(tables, network, report);
  if (instance == NULL) {
    return false;
  }
  const uint32_t arena_count = tables->network->arena_count;
  static const ai_buffer none;
  report->params = tables->weights_count > 0 ? tables->blocks[arena_count] : none;
  report->activations = arena_count > 0 ? tables->blocks[0] : none;
  report->params.data = instance->run == NULL ? NULL : instance->context.pools[arena_count];
  report->activations.data = instance->run == NULL ? NULL : instance->context.pools[0];
  return true;
}

/* The instance whose descriptors are asked for: with AI_HANDLE_NULL the first, which need not be created. */
static ai_network_instance* described(const ai_network_tables* tables, ai_handle network) {
  ai_network_instance* const first = tables->instances;
  if (network != AI_HANDLE_NULL) {
    return instance_of(tables, network);
  }
  if (first->interface == NULL) {
    make(tables, first);
  }
  return first;
}

static ai_buffer* descriptors(const ai_network_tables* tables, ai_handle network, uint32_t first, uint32_t number,
                              ai_u16* count) {
  const ai_network_instance* const instance = described(tables, network);
  if (count != NULL) {
    *count = instance == NULL ? 0 : (ai_u16)number;
  }
  return instance == NULL ? NULL : instance->interface + first;
}

ai_buffer* stvm_legacy_inputs_get(const ai_network_tables* tables, ai_handle network, ai_u16* count) {
  return descriptors(tables, network, 0, tables->network->input_count, count);
}

ai_buffer* stvm_legacy_outputs_get(const ai_network_tables* tables, ai_handle network, ai_u16* count) {
  return descriptors(tables, network, tables->network->input_count, tables->network->output_count, count);
}

static ai_u32 batches_of(const ai_buffer* buffer) {
  return buffer->shape.data == NULL || buffer->shape.size == 0 ? 1 : buffer->shape.data[AI_SHAPE_BATCH];
}

/* Takes over the data of these inputs or outputs, which are `first` and on in the network; each has `batches`. */
static ai_bool adopt(ai_network_instance* instance, const ai_buffer* buffers, uint32_t first, uint32_t count,
                     ai_u32 batches, ai_error_type type) {
  const stvm_network* const network = instance->context.network;
  const uint32_t first_pool = stvm_input_pool(network) + first;
  for (uint32_t i = 0; i < count; ++i) {
    const ai_buffer* const own = &instance->tables->interface[first + i];
    const stvm_pool* const pool = &network->pools[first_pool + i];
    const stvm_place place = network->interface_places[first + i];
    uint8_t* const data = (uint8_t*)buffers[i].data;
    if (data == NULL || (uintptr_t)data % pool->alignment != 0) {
      return refuse(instance, type, AI_ERROR_CODE_INVALID_PTR);
    }
    if (!AI_BUFFER_FMT_SAME(buffers[i].format, own->format)) {
      return refuse(instance, type, AI_ERROR_CODE_INVALID_FORMAT);
    }
    if (buffers[i].size < own->size) {
      return refuse(instance, type, AI_ERROR_CODE_INVALID_SIZE);
    }
    /* There is room for one batch in the activations. */
    if (batches == 0 || batches_of(&buffers[i]) != batches ||
        (batches > 1 && place.pool != STVM_NO_POOL && data == instance->context.pools[place.pool] + place.offset)) {
      return refuse(instance, type, AI_ERROR_CODE_INVALID_BATCH);
    }
    instance->context.pools[first_pool + i] = data;
  }
  return true;
}

/* Whether all outputs lie in the activations. */
static ai_bool places_outputs(const stvm_network* network) {
  for (uint32_t i = 0; i < network->output_count; ++i) {
    if (network->interface_places[network->input_count + i].pool == STVM_NO_POOL) {
      return false;
    }
  }
  return true;
}

ai_i32 stvm_legacy_run(const ai_network_tables* tables, ai_handle network, const ai_buffer* input, ai_buffer* output) {
  ai_network_instance* const instance = instance_of(tables, network);
  if (instance == NULL) {
    return 0;
  }
  if (instance->run == NULL) {
    stvm_legacy_fail(instance, AI_ERROR_INVALID_STATE, AI_ERROR_CODE_MISSED_INIT);
    return 0;
  }
  const uint32_t input_count = tables->network->input_count;
  uint8_t** const pools = instance->context.pools + stvm_input_pool(tables->network);
  stvm_place_interface(tables->network, instance->context.pools);
  if (input == NULL && input_count > 0) {
    stvm_legacy_fail(instance, AI_ERROR_INVALID_INPUT, AI_ERROR_CODE_INVALID_PTR);
    return 0;
  }
  const ai_u32 batches = input_count > 0 ? batches_of(input) : 1;
  if (!adopt(instance, input, 0, input_count, batches, AI_ERROR_INVALID_INPUT)) {
    return 0;
  }
  if (output != NULL) {
    if (!adopt(instance, output, input_count, tables->network->output_count, batches, AI_ERROR_INVALID_OUTPUT)) {
      return 0;
    }
  } else if (tables->network->output_count > 0 && (batches > 1 || !places_outputs(tables->network))) {
    stvm_legacy_fail(instance, AI_ERROR_INVALID_OUTPUT, AI_ERROR_CODE_INVALID_PTR);
    return 0;
  }
  for (ai_u32 batch = 0; batch < batches; ++batch) {
    if (instance->run(instance) != STVM_OK) {
      stvm_legacy_fail(instance, AI_ERROR_INVALID_STATE, AI_ERROR_CODE_NETWORK);
      return (ai_i32)batch;
    }
    for (uint32_t i = 0; batch + 1 < batches && i < interface_count(tables); ++i) {
      pools[i] += tables->network->pools[stvm_input_pool(tables->network) + i].bytes;
    }
  }
  return (ai_i32)batches;
}

stvm_context stvm_legacy_instance(ai_handle network) {
  return ((const ai_network_instance*)network)->context;
}
