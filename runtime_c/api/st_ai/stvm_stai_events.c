/* SPDX-License-Identifier: Apache-2.0 */
/* A run that tells of every node, in a file of its own: it is linked only where a callback is set. */
#include "stai_events.h"
#include "stvm_stai.h"

static void notify(const stai_context* context, stai_event_type event, uint32_t node, const stai_ptr* buffers,
                   uint32_t count) {
  const stai_event_node_start_stop payload = {(int32_t)node, {count, buffers}};
  context->callback(context->callback_cookie, event, &payload);
}

stvm_status stvm_stai_run_observed(stai_context* context, const stvm_details* details, stai_ptr* buffers) {
  const stvm_network* const network = details->network;
  uint8_t** const pools = (uint8_t**)(void*)(context + 1);
  stvm_status status = STVM_OK;
  for (uint32_t node = 0; node < network->operator_count && status == STVM_OK; ++node) {
    const stvm_operator* const operator_ = &network->operators[node];
    uint32_t count = 0;
    for (uint32_t i = 0; i < operator_->input_count; ++i) {
      const stvm_place place = details->tensors[operator_->operands[i]].place;
      if (place.pool < stvm_weights_pool(network) || place.pool >= stvm_input_pool(network)) {
        buffers[count++] = pools[place.pool] + place.offset;
      }
    }
    notify(context, STAI_EVENT_NODE_START, node, buffers, count);
    status = stvm_run_operators(network, pools, node, 1);
    for (uint32_t i = 0; i < operator_->output_count; ++i) {
      const stvm_place place = details->tensors[operator_->operands[operator_->input_count + i]].place;
      buffers[i] = pools[place.pool] + place.offset;
    }
    notify(context, STAI_EVENT_NODE_STOP, node, buffers, operator_->output_count);
  }
  return status;
}
