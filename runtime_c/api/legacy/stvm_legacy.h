/* SPDX-License-Identifier: Apache-2.0 */
/* The bodies of a network's ai_<name>_* functions, which are one call each. */
#ifndef STVM_LEGACY_H
#define STVM_LEGACY_H

#include "ai_platform_interface.h"
#include "stvm.h"

AI_API_DECLARE_BEGIN

struct ai_network_tables;

/* An instance, behind an ai_handle. The network's source holds the array. */
typedef struct ai_network_instance {
  const struct ai_network_tables* tables; /* NULL: not created, or destroyed */
  stvm_context context;
  ai_buffer* interface; /* inputs, then outputs: the application may set their data and batches */
  /* NULL: not initialised */
  stvm_status (*run)(struct ai_network_instance* instance);
  ai_observer_exec_ctx* observer; /* NULL: none */
  ai_observer_exec_ctx own_observer;
  ai_error error; /* the first since it was asked for */
} ai_network_instance;

/* One network; const, in flash. */
typedef struct ai_network_tables {
  const stvm_network* network;
  const ai_network_report* report; /* all that never changes */
  const ai_buffer* interface;      /* inputs, then outputs, as they are before init */
  const ai_u16* node_types;        /* ST's number of each node's type */
  ai_network_instance* instances;
  ai_buffer* interfaces;          /* of all instances */
  ai_shape_dimension* dimensions; /* of all instances */
  uint8_t** pools;                /* of all instances */
  ai_handle* activations_table;   /* the arenas' addresses, between markers */
  ai_handle* weights_table;       /* the weights' addresses, between markers */
  ai_buffer* blocks;              /* what map_activations and map_weights show: the arenas, then the weights */
  ai_u16 weights_count;           /* of the blocks that have an address */
  ai_u16 instance_count;
} ai_network_tables;

/* Where an application asks with AI_HANDLE_NULL, it is about the first instance. */
ai_error stvm_legacy_create(const ai_network_tables* tables, ai_handle* network);
ai_handle stvm_legacy_destroy(const ai_network_tables* tables, ai_handle network);
ai_bool stvm_legacy_init(const ai_network_tables* tables, ai_handle network, const ai_network_params* params);
ai_error stvm_legacy_create_and_init(const ai_network_tables* tables, ai_handle* network, const ai_handle* activations,
                                     const ai_handle* weights);
ai_error stvm_legacy_get_error(const ai_network_tables* tables, ai_handle network);
ai_bool stvm_legacy_get_info(const ai_network_tables* tables, ai_handle network, ai_network_report* report);
ai_bool stvm_legacy_get_report(const ai_network_tables* tables, ai_handle network, ai_network_report* report);
ai_buffer* stvm_legacy_inputs_get(const ai_network_tables* tables, ai_handle network, ai_u16* count);
ai_buffer* stvm_legacy_outputs_get(const ai_network_tables* tables, ai_handle network, ai_u16* count);
/* `output` NULL: into the outputs' own places in the activations. Returns the batches that ran; 0 on an error. */
ai_i32 stvm_legacy_run(const ai_network_tables* tables, ai_handle network, const ai_buffer* input, ai_buffer* output);
ai_bool stvm_legacy_params_get(const ai_network_tables* tables, ai_network_params* params);

/* Keeps the first error. */
void stvm_legacy_fail(ai_network_instance* instance, ai_error_type type, ai_error_code code);
/* A run without an observer. */
stvm_status stvm_legacy_run_plainly(ai_network_instance* instance);

/* The instance behind a handle that is initialised: for observers and time slices, which are of the core. Its inputs
 * and outputs are where the last run had them, or at their places in the activations. */
stvm_context stvm_legacy_instance(ai_handle network);

AI_API_DECLARE_END

#endif /* STVM_LEGACY_H */
