/* SPDX-License-Identifier: Apache-2.0 */
/* The ai_* API over stvm: handles, checks, and the tensors of inputs and outputs. */
#include "ai_runtime_api.h"

#if defined(__GNUC__)
#pragma GCC diagnostic ignored "-Wignored-qualifiers"
#endif

static ai_model_handle* handle_of(ai_handle handle) {
  return (ai_model_handle*)handle;
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
    ai_model_handle* const candidate = &nn->tables->handles[i];
    if (candidate->model == NULL) {
      candidate->created = nn->ai_create(nn->ai_get_params(), activations);
      candidate->model = nn;
      candidate->activations = activations;
      candidate->error = nn->tables->state->error;
      *handle = candidate;
      return candidate->created;
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
  return model->inputs[index];
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
  return model->outputs[index];
}

static int has_data(ai_tensor* const tensors[], uint32_t count) {
  for (uint32_t i = 0; i < count; ++i) {
    if (tensors[i]->dltensor.data == NULL) {
      return 0;
    }
  }
  return 1;
}

ai_status ai_run(ai_handle handle) {
  ai_model_handle* const own = handle_of(handle);
  const ai_model_info* const model = model_of(handle);
  ai_status status = AI_STATUS_ERROR;
  if (model == NULL || own->created != AI_STATUS_OK) {
    return AI_STATUS_ERROR;
  }
  if (!has_data(model->inputs, model->n_inputs)) {
    own->error = "Network input NULL";
  } else if (!has_data(model->outputs, model->n_outputs)) {
    own->error = "Network output NULL";
  } else {
    model->tables->state->activations = own->activations;
    status = model->ai_run(model->inputs, model->outputs);
    own->error = model->tables->state->error;
  }
  return status;
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
  return model_of(handle) == NULL ? NULL : handle_of(handle)->activations;
}

const ai_ptr ai_get_params(ai_handle handle) {
  const ai_model_info* const model = model_of(handle);
  return model == NULL ? NULL : model->ai_get_params();
}

const ai_quantization_info* ai_get_quantization(ai_tensor* tensor) {
  return tensor == NULL ? NULL : tensor->quant;
}

ai_status ai_model_create(const ai_model_info* model, const uint8_t* weights, ai_ptr activations) {
  const struct ai_model_tables* const tables = model->tables;
  if (weights == NULL && model->params_size != 0) {
    tables->state->error = "Non-null weights arena is required for this model.";
    return AI_STATUS_ERROR;
  }
  if (activations == NULL && model->activations_size != 0) {
    tables->state->error = "Non-null activations arena is required for this model.";
    return AI_STATUS_ERROR;
  }
  if ((uintptr_t)activations % tables->activations_alignment != 0) {
    tables->state->error = "The activations arena is not aligned as this model needs it.";
    return AI_STATUS_ERROR;
  }
  for (uint32_t i = 0; i < model->n_inputs; ++i) {
    model->inputs[i]->dltensor.data = activations + tables->places[i].offset;
  }
  for (uint32_t i = 0; i < model->n_outputs; ++i) {
    model->outputs[i]->dltensor.data = activations + tables->places[model->n_inputs + i].offset;
  }
  tables->state->activations = activations;
  tables->state->error = "";
  return AI_STATUS_OK;
}

/* The network's operators refer to its own tensors: others lend them their data. */
static void adopt(ai_tensor* own[], ai_tensor* const others[], uint32_t count) {
  for (uint32_t i = 0; i < count && own != others; ++i) {
    own[i]->dltensor.data = others[i]->dltensor.data;
  }
}

ai_status ai_model_run(const ai_model_info* model, ai_tensor* inputs[], ai_tensor* outputs[], stvm_scratch scratch) {
  ai_model_state* const state = model->tables->state;
  stvm_status status;
  adopt(model->inputs, inputs, model->n_inputs);
  adopt(model->outputs, outputs, model->n_outputs);
  status = state->activations == model->activations ? stvm_run(model->tables->network)
                                                    : stvm_run_in(model->tables->network, &state->activations, scratch);
  if (status == STVM_OK) {
    state->error = "";
    return AI_STATUS_OK;
  }
  state->error = status == STVM_ERROR_WORKSPACE ? "A kernel asked for a workspace that the memory plan does not hold."
                                                : "A kernel failed.";
  return AI_STATUS_ERROR;
}
