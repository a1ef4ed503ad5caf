/* SPDX-License-Identifier: Apache-2.0 */
/* The ai_* device API of TVM's STM32 port (apache/tvm v0.14.0, src/runtime/crt/contrib/stm32/ai_runtime_api.h), written
 * anew over stvm.h. Applications written for the port compile and run unchanged; no call uses a heap. */
#ifndef AI_RUNTIME_API_H
#define AI_RUNTIME_API_H

#include <stddef.h>
#include <stdint.h>

#include "dlpack/dlpack.h"

#include "stvm.h"

#ifdef __cplusplus
extern "C" {
#endif

#define AI_PLATFORM_RUNTIME_MAJOR 1
#define AI_PLATFORM_RUNTIME_MINOR 0
#define AI_PLATFORM_RUNTIME_MICRO 0

#define AI_STATIC static

#if defined(__GNUC__)
#define AI_API_ENTRY __attribute__((visibility("default")))
#define AI_INLINE static inline
#define AI_ALIGNED(x) __attribute__((aligned(x)))
#elif defined(__ICCARM__)
#define AI_API_ENTRY
#define AI_INLINE static inline
#define AI_ALIGNED_TEXT_(x) #x
#define AI_ALIGNED(x) _Pragma(AI_ALIGNED_TEXT_(data_alignment = x))
#else
#define AI_API_ENTRY
#define AI_INLINE static inline
#define AI_ALIGNED(x)
#endif

#define AI_HANDLE_PTR(ptr_) ((ai_handle)(ptr_))
#define AI_HANDLE_NULL AI_HANDLE_PTR(NULL)

/* Fields of an ai_model_info. */
#define AI_MODEL_name(x) ((x)->name)
#define AI_MODEL_datetime(x) ((x)->datetime)
#define AI_MODEL_revision(x) ((x)->revision)
#define AI_MODEL_tool_version(x) ((x)->tool_version)
#define AI_MODEL_api_version(x) ((x)->api_version)
#define AI_MODEL_n_nodes(x) ((x)->n_nodes)
#define AI_MODEL_n_inputs(x) ((x)->n_inputs)
#define AI_MODEL_n_outputs(x) ((x)->n_outputs)
#define AI_MODEL_activations_size(x) ((x)->activations_size)
#define AI_MODEL_params_size(x) ((x)->params_size)
#define AI_MODEL_inputs(x) ((x)->inputs)
#define AI_MODEL_outputs(x) ((x)->outputs)
#define AI_MODEL_activations(x) ((x)->activations)

/* The port's own types return const-qualified pointers, which -Wignored-qualifiers reports. */
#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wignored-qualifiers"
#endif

typedef void* ai_handle;
typedef uint8_t* ai_ptr;

typedef enum { AI_STATUS_OK = 0, AI_STATUS_ERROR = 1, AI_STATUS_DELEGATE_ERROR = 2 } ai_status;

/* real = scale * (q - zero_point) */
typedef struct {
  float* scale;
  int32_t* zero_point;
  int32_t dim; /* axis that scale and zero_point run along; -1: one of each for the whole tensor */
} ai_quantization_info;

typedef struct {
  DLTensor dltensor;
  ai_quantization_info* quant; /* NULL: not quantized, or not known */
} ai_tensor;

struct ai_model_tables;

/* One network. The emitted one is const, in section .nn_models. */
typedef struct {
  const char* name;
  const char* datetime; /* always "": emission has no clock */
  const char* revision;
  const char* tool_version; /* of stm32tvm */
  const char* api_version;
  uint16_t n_nodes;
  uint8_t n_inputs;
  uint8_t n_outputs;
  uint32_t activations_size; /* bytes of the arena */
  uint32_t params_size;      /* bytes of the weights */
  ai_ptr activations;        /* the network's own arena; NULL: the application gives one to ai_create */
  ai_tensor** inputs;
  ai_tensor** outputs;
  const ai_ptr (*ai_get_params)(void);
  ai_status (*ai_create)(const ai_ptr weights, const ai_ptr activations);
  ai_status (*ai_destroy)(void);
  ai_status (*ai_run)(ai_tensor* input[], ai_tensor* output[]);
  const struct ai_model_tables* tables; /* of this runtime */
} ai_model_info;

AI_INLINE DLTensor* get_dltensor(ai_tensor* tensor) {
  return &tensor->dltensor;
}

/* Elements of a tensor; 1 for a scalar. */
AI_INLINE uint32_t get_tensor_elts(const ai_tensor* tensor) {
  uint32_t elements = 1;
  for (int32_t i = 0; i < tensor->dltensor.ndim; ++i) {
    elements *= (uint32_t)tensor->dltensor.shape[i];
  }
  return elements;
}

/* Bytes of a tensor's values. */
AI_INLINE uint32_t get_tensor_size(const ai_tensor* tensor) {
  const DLDataType type = tensor->dltensor.dtype;
  return get_tensor_elts(tensor) * (((uint32_t)type.bits * type.lanes + 7U) / 8U);
}

/* All networks of the image, in no particular order: for (it = begin(); it != end(); it = next(it)). */
typedef uint32_t ai_model_iterator;
AI_API_ENTRY ai_model_iterator ai_model_iterator_begin(void);
AI_API_ENTRY ai_model_iterator ai_model_iterator_next(ai_model_iterator it);
AI_API_ENTRY ai_model_iterator ai_model_iterator_end(void);
AI_API_ENTRY ai_model_info* ai_model_iterator_value(ai_model_iterator it);

/* Makes a handle of a network, on its own arena (nn->activations) or on `activations_size` bytes of the caller's,
 * aligned as the emitted header's ..._ACTIVATIONS_ALIGNMENT says. A network has as many handles as its header's
 * ..._HANDLES says. Each has input and output tensors of its own, so handles in different memory are independent; those
 * of the first are AI_MODEL_inputs(nn) and AI_MODEL_outputs(nn). On failure *handle may still serve ai_get_error(). */
AI_API_ENTRY ai_status ai_create(ai_model_info* nn, ai_ptr activations, ai_handle* handle);
/* Gives the handle back. */
AI_API_ENTRY ai_status ai_destroy(ai_handle handle);
/* What went wrong last with this handle; "" for nothing. */
AI_API_ENTRY const char* ai_get_error(ai_handle handle);

AI_API_ENTRY int32_t ai_get_input_size(ai_handle handle);  /* number of inputs */
AI_API_ENTRY int32_t ai_get_output_size(ai_handle handle); /* number of outputs */
/* NULL and an error text for an index out of range. The caller may set the tensor's data to memory of its own. */
AI_API_ENTRY ai_tensor* ai_get_input(ai_handle handle, int32_t index);
AI_API_ENTRY ai_tensor* ai_get_output(ai_handle handle, int32_t index);

/* Runs the network once. Inputs keep their values unless the network was emitted to consume them. */
AI_API_ENTRY ai_status ai_run(ai_handle handle);

AI_API_ENTRY const char* ai_get_name(ai_handle handle);
AI_API_ENTRY const char* ai_get_datetime(ai_handle handle);
AI_API_ENTRY const char* ai_get_revision(ai_handle handle);
AI_API_ENTRY const char* ai_get_tool_version(ai_handle handle);
AI_API_ENTRY const char* ai_get_api_version(ai_handle handle);
AI_API_ENTRY uint32_t ai_get_node_size(ai_handle handle);
AI_API_ENTRY uint32_t ai_get_activations_size(ai_handle handle);
AI_API_ENTRY uint32_t ai_get_params_size(ai_handle handle);
AI_API_ENTRY ai_ptr ai_get_activations(ai_handle handle);
AI_API_ENTRY const ai_ptr ai_get_params(ai_handle handle);
AI_API_ENTRY const ai_quantization_info* ai_get_quantization(ai_tensor* tensor);

/* Not of the port: the instance behind a handle, for time slices and observers (stvm_step.h). NULL for a handle that
 * may not run, or where an input or output has no data. Ask again after setting their data. */
AI_API_ENTRY const stvm_context* ai_get_instance(ai_handle handle);

/* What follows is for emitted sources. */

/* A handle's memory; the network's source holds the array. */
typedef struct ai_model_handle {
  ai_model_info* model; /* NULL: free */
  ai_tensor* tensors;   /* of this handle: inputs, then outputs */
  stvm_context context;
  stvm_status (*run)(const stvm_network* network, uint8_t* const* pools); /* NULL: not created, so it may not run */
  const char* error;                                                      /* of the last call; "" for none */
} ai_model_handle;

struct ai_model_tables {
  const stvm_network* network;
  ai_model_handle* handles;
  ai_tensor* tensors;              /* of all handles */
  uint8_t** pools;                 /* of all handles */
  const uint8_t* const* own_pools; /* link-time addresses: arenas, then weights */
  uint32_t handle_count;
  int32_t is_fixed; /* whether every operator has arguments fixed at link time, to own_pools and the first tensors */
};

/* The bodies of a network's own ai_create and ai_run: both are about the first handle. */
ai_status ai_model_create(ai_model_info* model, ai_ptr weights, ai_ptr activations);
ai_status ai_model_run(const ai_model_info* model, ai_tensor* inputs[], ai_tensor* outputs[]);

#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

#ifdef __cplusplus
}
#endif

#endif /* AI_RUNTIME_API_H */
