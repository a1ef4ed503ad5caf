/* SPDX-License-Identifier: Apache-2.0 */
/* The bodies of a network's stai_<name>_* functions, which are one call each. */
#ifndef STVM_STAI_H
#define STVM_STAI_H

#include "stai.h"
#include "stvm.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The kinds of buffers that an application gives a network. */
typedef enum stai_buffers { STAI_ACTIVATIONS, STAI_WEIGHTS, STAI_INPUTS, STAI_OUTPUTS } stai_buffers;

/* One network; const, in flash. */
typedef struct stai_tables {
  const stvm_network* network;
  const stai_network_info* info;
  uint32_t context_size;
} stai_tables;

stai_return_code stvm_stai_init(const stai_tables* tables, stai_network* network);
stai_return_code stvm_stai_deinit(const stai_tables* tables, stai_network* network);
stai_return_code stvm_stai_run(const stai_tables* tables, stai_network* network);
stai_return_code stvm_stai_get_info(const stai_tables* tables, stai_network* network, stai_network_info* info);
stai_return_code stvm_stai_get(const stai_tables* tables, stai_network* network, stai_buffers kind, stai_ptr* addresses,
                               stai_size* count);
stai_return_code stvm_stai_set(const stai_tables* tables, stai_network* network, stai_buffers kind,
                               const stai_ptr* addresses, stai_size count);
stai_return_code stvm_stai_get_states(const stai_tables* tables, stai_network* network, stai_size* count);
/* Of set_states, which accepts anything, and of get_error: the stored error. */
stai_return_code stvm_stai_get_error(const stai_tables* tables, stai_network* network);
/* The instance behind a context that init made: for observers and time slices, which are of the core. */
stvm_context stvm_stai_instance(stai_network* network);
/* `observed_run` calls stvm_stai_run_observed(): it is linked only where a callback is set. */
stai_return_code stvm_stai_set_callback(const stai_tables* tables, stai_network* network, stai_event_cb callback,
                                        void* cookie, stvm_status (*observed_run)(stai_context* context));
/* Runs the network with events; `buffers` has room for as many addresses as the longest call has operands. */
stvm_status stvm_stai_run_observed(stai_context* context, const stvm_details* details, stai_ptr* buffers);

#ifdef __cplusplus
}
#endif

#endif /* STVM_STAI_H */
