/* SPDX-License-Identifier: Apache-2.0 */
/* A run that tells of every node, in a file of its own: it is linked only where an observer is registered. */
#include "stvm_legacy.h"

/* The observer functions are of no network, so a handle can only be told from NULL and from a destroyed one. */
static ai_network_instance* instance_of(ai_handle network) {
  ai_network_instance* const instance = (ai_network_instance*)network;
  return instance == NULL || instance->tables == NULL ? NULL : instance;
}

static ai_observer_node node_at(const ai_network_instance* instance, ai_u16 index) {
  const ai_observer_node node = {index, instance->tables->node_types[index], index, 0, NULL, NULL};
  return node;
}

static void notify(const ai_network_instance* instance, ai_u32 event) {
  ai_observer_exec_ctx* const observer = instance->observer;
  if ((observer->flags & event) != 0) {
    const ai_observer_node node = node_at(instance, observer->c_idx);
    const ai_u32 first = observer->c_idx == 0 ? AI_OBSERVER_FIRST_EVT : 0;
    const ai_u32 last = observer->c_idx + 1U == observer->n_nodes ? AI_OBSERVER_LAST_EVT : 0;
    (void)observer->on_node(observer->cookie, event | first | last, &node);
  }
}

static stvm_status run_observed(ai_network_instance* instance) {
  ai_observer_exec_ctx* const observer = instance->observer;
  const stvm_context context = instance->context;
  stvm_status status = STVM_OK;
  for (ai_u16 i = 0; i < observer->n_nodes && status == STVM_OK; ++i) {
    observer->c_idx = i;
    notify(instance, AI_OBSERVER_PRE_EVT);
    status = stvm_run_operators(context.network, context.pools, i, 1);
    notify(instance, AI_OBSERVER_POST_EVT);
  }
  return status;
}

ai_bool ai_platform_observer_node_info(ai_handle network, ai_observer_node* node_info) {
  ai_network_instance* const instance = instance_of(network);
  if (instance == NULL) {
    return false;
  }
  if (node_info == NULL || node_info->c_idx >= instance->context.network->operator_count) {
    stvm_legacy_fail(instance, AI_ERROR_INVALID_PARAM,
                     node_info == NULL ? AI_ERROR_CODE_INVALID_PTR : AI_ERROR_CODE_OUT_OF_RANGE);
    return false;
  }
  *node_info = node_at(instance, node_info->c_idx);
  return true;
}

ai_bool ai_platform_observer_register_s(ai_handle network, ai_observer_exec_ctx* ctx) {
  ai_network_instance* const instance = instance_of(network);
  if (instance == NULL) {
    return false;
  }
  if (instance->run == NULL) {
    stvm_legacy_fail(instance, AI_ERROR_INVALID_STATE, AI_ERROR_CODE_MISSED_INIT);
    return false;
  }
  if (ctx == NULL || ctx->on_node == NULL || instance->observer != NULL) {
    stvm_legacy_fail(instance, AI_ERROR_INVALID_PARAM,
                     instance->observer != NULL ? AI_ERROR_CODE_IN_USE : AI_ERROR_CODE_INVALID_PTR);
    return false;
  }
  ctx->c_idx = 0;
  ctx->n_nodes = instance->context.network->operator_count;
  ctx->cur = NULL;
  ctx->flags |= AI_OBSERVER_REGISTERED;
  instance->observer = ctx;
  instance->run = run_observed;
  return true;
}

ai_bool ai_platform_observer_register(ai_handle network, ai_observer_node_cb cb, ai_handle cookie, ai_u32 flags) {
  ai_network_instance* const instance = instance_of(network);
  if (instance == NULL) {
    return false;
  }
  if (instance->observer == NULL) {
    instance->own_observer.on_node = cb;
    instance->own_observer.cookie = cookie;
    instance->own_observer.flags = flags & AI_OBSERVER_MASK_EVT;
  }
  return ai_platform_observer_register_s(network, &instance->own_observer);
}

ai_bool ai_platform_observer_unregister_s(ai_handle network, ai_observer_exec_ctx* ctx) {
  ai_network_instance* const instance = instance_of(network);
  if (instance == NULL) {
    return false;
  }
  if (ctx == NULL || instance->observer != ctx) {
    stvm_legacy_fail(instance, AI_ERROR_INVALID_PARAM, AI_ERROR_CODE_INVALID_PTR);
    return false;
  }
  ctx->flags &= ~(ai_u32)AI_OBSERVER_REGISTERED;
  instance->observer = NULL;
  instance->run = stvm_legacy_run_plainly;
  return true;
}

ai_bool ai_platform_observer_unregister(ai_handle network, ai_observer_node_cb cb, ai_handle cookie) {
  ai_network_instance* const instance = instance_of(network);
  if (instance != NULL && (instance->own_observer.on_node != cb || instance->own_observer.cookie != cookie)) {
    stvm_legacy_fail(instance, AI_ERROR_INVALID_PARAM, AI_ERROR_CODE_INVALID_PTR);
    return false;
  }
  return instance != NULL && ai_platform_observer_unregister_s(network, &instance->own_observer);
}
