/* SPDX-License-Identifier: Apache-2.0 */
/* The ai_* API over stvm: handles, checks, and the tensors of inputs and outputs. */
#include "ai_runtime_api.h"

#if defined(__GNUC__)
#pragma GCC diagnostic ignored "-Wignored-qualifiers"
#endif

static ai_model_handle* handle_of(ai_handle handle) {
  return (ai_model_handle*)handle;
}

static uint32_t tensor_count(const ai_model_info* model) {
  return (uint32_t)model->n_inputs + model->n_outputs;
}

/* Makes handle number `index` one of `model`, in these memories. */
static ai_status bind(ai_model_info* model, uint32_t index, ai_ptr weights, ai_ptr activations) {
  const struct ai_model_tables* const tables = model->tables;
  const stvm_network* const network = tables->network;
  ai_model_handle* const own = &tables->handles[index];
  uint8_t** const pools = tables->pools + index * stvm_pool_count(network);
  own->model = model;
  own->tensors = tables->tensors + index * tensor_count(model);
  own->context.network = network;
  own->context.pools = pools;
  own->run = NULL;
  if (weights == NULL && model->params_size != 0) {
    own->error = "Non-null weights arena is required for this model.";
    return AI_STATUS_ERROR;
  }
  if (activations == NULL && model->activations_size != 0) {
    own->error = "Non-null activations arena is required for this model.";
    return AI_STATUS_ERROR;
  }
  if ((uintptr_t)activations % network->pools[0].alignment != 0) {
    own->error = "The activations arena is not aligned as this model needs it.";
    return AI_STATUS_ERROR;
  }
  pools[0] = activations;
  for (uint32_t i = 1; i < network->arena_count; ++i) {
    pools[i] = (uint8_t*)tables->own_pools[i];
  }
  if (stvm_place_weights(network, pools) != STVM_OK) {
    own->error = "The weights in storage are damaged, or those of another network.";
    return AI_STATUS_ERROR;
  }
  pools[stvm_weights_pool(network)] = weights;
  stvm_place_interface(network, pools);
  for (uint32_t i = 0; i < tensor_count(model); ++i) {
    own->tensors[i] = tables->tensors[i];
    own->tensors[i].dltensor.data = pools[stvm_input_pool(network) + i];
  }
  own->run = tables->is_fixed && index == 0 && activations == tables->own_pools[0] &&
                     weights == tables->own_pools[stvm_weights_pool(network)]
                 ? stvm_run_fixed
                 : stvm_run;
  own->error = "";
  return AI_STATUS_OK;
}

ai_status ai_create(ai_model_info* nn, ai_ptr activations, ai_handle* handle) {
  if (handle == NULL) {
    return AI_STATUS_ERROR;
  }
  *handle = AI_HANDLE_NULL;
  if (nn == NULL) {
    return AI_STATUS_ERROR;
  }
  for (uint32_t i = 0; i < nn->tables->handle_count; ++i) {
    if (nn->tables->handles[i].model == NULL) {
      *handle = &nn->tables->handles[i];
      return bind(nn, i, nn->ai_get_params(), activations);
    }
  }
  return AI_STATUS_ERROR;
}

ai_status ai_destroy(ai_handle handle) {
  ai_model_handle* const own = handle_of(handle);
  if (own == NULL || own->model == NULL) {
    return AI_STATUS_ERROR;
  }
  own->model = NULL;
  own->run = NULL;
  return AI_STATUS_OK;
}

const char* ai_get_error(ai_handle handle) {
  return handle == NULL ? "Network handle is NULL" : handle_of(handle)->error;
}

/* The network of a live handle; NULL for none and for a destroyed one. */
static const ai_model_info* model_of(ai_handle handle) {
  return handle == NULL ? NULL : handle_of(handle)->model;
}

int32_t ai_get_input_size(ai_handle handle) {
  const ai_model_info* const model = model_of(handle);
  return model == NULL ? 0 : model->n_inputs;
}

int32_t ai_get_output_size(ai_handle handle) {
  const ai_model_info* const model = model_of(handle);
  return model == NULL ? 0 : model->n_outputs;
}

ai_tensor* ai_get_input(ai_handle handle, int32_t index) {
  const ai_model_info* const model = model_of(handle);
  if (model == NULL) {
    return NULL;
  }
  if (index < 0 || index >= model->n_inputs) {
    handle_of(handle)->error = "Input index out of range";
    return NULL;
  }
  return &handle_of(handle)->tensors[index];
}

ai_tensor* ai_get_output(ai_handle handle, int32_t index) {
  const ai_model_info* const model = model_of(handle);
  if (model == NULL) {
    return NULL;
  }
  if (index < 0 || index >= model->n_outputs) {
    handle_of(handle)->error = "Output index out of range";
    return NULL;
  }
  return &handle_of(handle)->tensors[model->n_inputs + index];
}

/* Takes the addresses that the application has set; 0 and an error text when one is missing. Inlined, for it is most of
 * what ai_run() does beside the run. */
STVM_INLINED int adopt_tensors(ai_model_handle* own) {
  const stvm_network* const network = own->context.network;
  const uint32_t count = (uint32_t)network->input_count + network->output_count;
  uint8_t** const addresses = own->context.pools + stvm_input_pool(network);
  for (uint32_t i = 0; i < count; ++i) {
    addresses[i] = (uint8_t*)own->tensors[i].dltensor.data;
    if (addresses[i] == NULL) {
      own->error = i < network->input_count ? "Network input NULL" : "Network output NULL";
      return 0;
    }
  }
  return 1;
}

ai_status ai_run(ai_handle handle) {
  ai_model_handle* const own = handle_of(handle);
  if (own == NULL || own->run == NULL || !adopt_tensors(own)) {
    return AI_STATUS_ERROR;
  }
  const stvm_status status = own->run(own->context.network, own->context.pools);
  if (status != STVM_OK) {
    own->error = status == STVM_ERROR_WORKSPACE ? "A kernel asked for a workspace that the memory plan does not hold."
                                                : "A kernel failed.";
    return AI_STATUS_ERROR;
  }
  own->error = "";
  return AI_STATUS_OK;
}

const stvm_context* ai_get_instance(ai_handle handle) {
  ai_model_handle* const own = handle_of(handle);
  return own == NULL || own->run == NULL || !adopt_tensors(own) ? NULL : &own->context;
}

const char* ai_get_name(ai_handle handle) {
  const ai_model_info* const model = model_of(handle);
  return model == NULL ? NULL : model->name;
}

const char* ai_get_datetime(ai_handle handle) {
  const ai_model_info* const model = model_of(handle);
  return model == NULL ? NULL : model->datetime;
}

const char* ai_get_revision(ai_handle handle) {
  const ai_model_info* const model = model_of(handle);
  return model == NULL ? NULL : model->revision;
}

const char* ai_get_tool_version(ai_handle handle) {
  const ai_model_info* const model = model_of(handle);
  return model == NULL ? NULL : model->tool_version;
}

const char* ai_get_api_version(ai_handle handle) {
  const ai_model_info* const model = model_of(handle);
  return model == NULL ? NULL : model->api_version;
}

uint32_t ai_get_node_size(ai_handle handle) {
  const ai_model_info* const model = model_of(handle);
  return model == NULL ? 0 : model->n_nodes;
}

uint32_t ai_get_activations_size(ai_handle handle) {
  const ai_model_info* const model = model_of(handle);
  return model == NULL ? 0 : model->activations_size;
}

uint32_t ai_get_params_size(ai_handle handle) {
  const ai_model_info* const model = model_of(handle);
  return model == NULL ? 0 : model->params_size;
}

ai_ptr ai_get_activations(ai_handle handle) {
  return model_of(handle) == NULL ? NULL : handle_of(handle)->context.pools[0];
}

const ai_ptr ai_get_params(ai_handle handle) {
  const ai_model_info* const model = model_of(handle);
  return model == NULL ? NULL : model->ai_get_params();
}

const ai_quantization_info* ai_get_quantization(ai_tensor* tensor) {
  return tensor == NULL ? NULL : tensor->quant;
}

ai_status ai_model_create(ai_model_info* model, ai_ptr weights, ai_ptr activations) {
  return bind(model, 0, weights, activations);
}

ai_status ai_model_run(const ai_model_info* model, ai_tensor* inputs[], ai_tensor* outputs[]) {
  ai_model_handle* const own = &model->tables->handles[0];
  for (uint32_t i = 0; i < model->n_inputs; ++i) {
    model->inputs[i]->dltensor.data = inputs[i]->dltensor.data;
  }
  for (uint32_t i = 0; i < model->n_outputs; ++i) {
    model->outputs[i]->dltensor.data = outputs[i]->dltensor.data;
  }
  return ai_run(own);
}
