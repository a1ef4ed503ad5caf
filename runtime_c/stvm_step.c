/* SPDX-License-Identifier: Apache-2.0 */
/* One operator after the other, with what is to happen between them. */
#include "stvm_step.h"

#include <stddef.h>

static void notify(const stvm_observer* observer, const stvm_context* instance, uint32_t index, uint32_t is_done) {
  if (observer != NULL) {
    const stvm_event event = {instance, observer->details, index, is_done,
                              observer->ticks == NULL ? 0 : observer->ticks()};
    observer->notify(observer->cookie, &event);
  }
}

stvm_status stvm_step(stvm_progress* progress, const stvm_slice* slice, const stvm_observer* observer) {
  const stvm_network* const network = progress->instance.network;
  uint32_t count = 0;
  while (progress->next < network->operator_count) {
    const uint32_t index = progress->next;
    notify(observer, &progress->instance, index, 0);
    const stvm_status status = stvm_run_operators(network, progress->instance.pools, index, 1);
    if (status != STVM_OK) {
      progress->next = 0;
      return status;
    }
    notify(observer, &progress->instance, index, 1);
    progress->next = index + 1;
    ++count;
    if (slice != NULL && progress->next < network->operator_count &&
        (count == slice->operators || (slice->is_over != NULL && slice->is_over(slice->cookie) != 0))) {
      return STVM_RUNNING;
    }
  }
  progress->next = 0;
  return STVM_OK;
}

DLTensor stvm_operand(const stvm_details* details, const stvm_context* instance, uint32_t index, uint32_t operand) {
  const stvm_operator* const operator_ = &details->network->operators[index];
  const stvm_tensor* const tensor = &details->tensors[operator_->operands[operand]];
  DLTensor found = tensor->dltensor;
  found.data = instance->pools[tensor->place.pool] + tensor->place.offset;
  return found;
}
