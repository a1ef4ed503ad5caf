/* SPDX-License-Identifier: Apache-2.0 */
/* The st-ai device API: names, layouts and values of ST Edge AI Core 2.x and later, STAI_API_VERSION 1.0.0, written
 * anew over stvm.h. Applications written for ST's runtime compile and run unchanged. */
#ifndef STAI_H
#define STAI_H

#include <stddef.h>
#include <stdint.h>

#include "stvm.h"

#ifdef __cplusplus
#define STAI_API_DECLARE_BEGIN extern "C" {
#define STAI_API_DECLARE_END }
#else
#define STAI_API_DECLARE_BEGIN
#define STAI_API_DECLARE_END
#endif

STAI_API_DECLARE_BEGIN

#define STAI_API_VERSION_MAJOR 1
#define STAI_API_VERSION_MINOR 0
#define STAI_API_VERSION_MICRO 0

/* The version of ST's tools whose API this is. */
#define STAI_TOOLS_VERSION_MAJOR 2
#define STAI_TOOLS_VERSION_MINOR 2
#define STAI_TOOLS_VERSION_MICRO 0

#define STAI_API_ENTRY

#define STAI_ALIGNED(x) STVM_ALIGNED(x)
#if defined(__GNUC__)
#define STAI_PACK(...) __VA_ARGS__ __attribute__((packed))
#else
#define STAI_PACK(...) __VA_ARGS__
#endif
#define STAI_UNUSED(x) (void)(x);

/* At file scope: the memory of one context. */
#define STAI_NETWORK_CONTEXT_DECLARE(name_, size_) STAI_ALIGNED(8) stai_network name_[size_] = {0};

typedef uint8_t stai_network; /* a byte of a context: `stai_network context[STAI_<NAME>_CONTEXT_SIZE]` */
typedef uint8_t* stai_ptr;
typedef uint32_t stai_size;
typedef int32_t stai_flags;
typedef int32_t stai_pbits;
typedef int32_t stai_event_type;

#define STAI_FLAG_NONE (0)
#define STAI_FLAG_PREALLOCATED (1 << 0)
#define STAI_FLAG_INDIRECT (1 << 1)
#define STAI_FLAG_REPLACEABLE (1 << 2)
#define STAI_FLAG_OVERRIDE (1 << 3)
#define STAI_FLAG_CHANNEL_FIRST (1 << 6)
#define STAI_FLAG_CHANNEL_LAST (1 << 7)
#define STAI_FLAG_HAS_BATCH (1 << 8)
#define STAI_FLAG_ACTIVATIONS (1 << 26)
#define STAI_FLAG_INPUTS (1 << 27)
#define STAI_FLAG_OUTPUTS (1 << 28)
#define STAI_FLAG_STATES (1 << 29)
#define STAI_FLAG_WEIGHTS (1 << 30)

/* From STAI_ERROR_GENERIC on a code is an error. */
typedef enum {
  STAI_SUCCESS = 0x000000,
  STAI_RUNNING_NO_WFE = 0x000010,
  STAI_RUNNING_WFE = 0x000011,
  STAI_DONE = 0x000012,
  STAI_ERROR_GENERIC = 0x020000,
  STAI_ERROR_NETWORK_INVALID_API_ARGUMENTS = 0x020001,
  STAI_ERROR_NETWORK_INVALID_CONTEXT_HANDLE = 0x030000,
  STAI_ERROR_NETWORK_INVALID_CONTEXT_SIZE = 0x030001,
  STAI_ERROR_NETWORK_INVALID_CONTEXT_ALIGNMENT = 0x030002,
  STAI_ERROR_NETWORK_INVALID_INFO = 0x030010,
  STAI_ERROR_NETWORK_INVALID_RUN = 0x030020,
  STAI_ERROR_NETWORK_INVALID_RUNTIME = 0x030030,
  STAI_ERROR_NETWORK_INVALID_ACTIVATIONS_PTR = 0x040000,
  STAI_ERROR_NETWORK_INVALID_ACTIVATIONS_NUM = 0x040001,
  STAI_ERROR_NETWORK_INVALID_IN_PTR = 0x040010,
  STAI_ERROR_NETWORK_INVALID_IN_NUM = 0x040011,
  STAI_ERROR_NETWORK_INVALID_OUT_PTR = 0x040020,
  STAI_ERROR_NETWORK_INVALID_OUT_NUM = 0x040021,
  STAI_ERROR_NETWORK_INVALID_STATES_PTR = 0x040030,
  STAI_ERROR_NETWORK_INVALID_STATES_NUM = 0x040031,
  STAI_ERROR_NETWORK_INVALID_WEIGHTS_PTR = 0x040040,
  STAI_ERROR_NETWORK_INVALID_WEIGHTS_NUM = 0x040041,
  STAI_ERROR_NETWORK_INVALID_CALLBACK = 0x040050,
  STAI_ERROR_NOT_IMPLEMENTED = 0x040060,
  STAI_ERROR_INVALID_BUFFER_ALIGNMENT = 0x040070,
  STAI_ERROR_NETWORK_STILL_RUNNING = 0x050000,
  STAI_ERROR_STAI_INIT_FAILED = 0x060000,
  STAI_ERROR_STAI_DEINIT_FAILED = 0x060001
} stai_return_code;

/* A run is always synchronous on a processor without an accelerator: the mode is not used. */
typedef enum { STAI_MODE_SYNC = 0x01, STAI_MODE_ASYNC = 0x02 } stai_run_mode;

typedef enum {
  STAI_COMPILER_ID_NONE = 0x00,
  STAI_COMPILER_ID_GCC = 0x01,
  STAI_COMPILER_ID_GHS = 0x10,
  STAI_COMPILER_ID_HIGHTECH = 0x20,
  STAI_COMPILER_ID_IAR = 0x30,
  STAI_COMPILER_ID_KEIL = 0x40,
  STAI_COMPILER_ID_KEIL_AC6 = 0x50
} stai_compiler_id;

typedef enum {
  STAI_FORMAT_TYPE_NONE = 0,
  STAI_FORMAT_TYPE_FLOAT = 1,
  STAI_FORMAT_TYPE_Q = 2,
  STAI_FORMAT_TYPE_BOOL = 3
} stai_format_type;

/* Bit 23: signed; bits 20 to 17: stai_format_type; bits 13 to 7: bits; bits 6 to 0: fractional bits + 64. */
typedef enum {
  STAI_FORMAT_NONE = 0x00000040,
  STAI_FORMAT_FLOAT32 = 0x00821040,
  STAI_FORMAT_FLOAT64 = 0x00822040,
  STAI_FORMAT_U1 = 0x000400c0,
  STAI_FORMAT_U4 = 0x00040240,
  STAI_FORMAT_U8 = 0x00040440,
  STAI_FORMAT_U16 = 0x00040840,
  STAI_FORMAT_U32 = 0x00041040,
  STAI_FORMAT_U64 = 0x00042040,
  STAI_FORMAT_S1 = 0x008400c0,
  STAI_FORMAT_S4 = 0x00840240,
  STAI_FORMAT_S8 = 0x00840440,
  STAI_FORMAT_S16 = 0x00840840,
  STAI_FORMAT_S32 = 0x00841040,
  STAI_FORMAT_S64 = 0x00842040,
  STAI_FORMAT_Q = 0x00840040,
  STAI_FORMAT_Q3 = 0x00840243,
  STAI_FORMAT_Q7 = 0x00840447,
  STAI_FORMAT_Q15 = 0x0084084f,
  STAI_FORMAT_UQ = 0x00040040,
  STAI_FORMAT_UQ3 = 0x00040243,
  STAI_FORMAT_UQ7 = 0x00040447,
  STAI_FORMAT_UQ15 = 0x0004084f,
  STAI_FORMAT_BOOL = 0x00060440
} stai_format;

#define STAI_FORMAT_GET_TYPE(format_) (((format_) >> 17) & 0xF)
#define STAI_FORMAT_GET_SIGN(format_) (((format_) >> 23) & 0x1)
#define STAI_FORMAT_GET_BITS(format_) (((format_) >> 7) & 0x7F)
#define STAI_FORMAT_GET_FBITS(format_) (((format_)&0x7F) - 64)
#define STAI_FORMAT_GET_IBITS(format_) \
  (STAI_FORMAT_GET_BITS(format_) - STAI_FORMAT_GET_FBITS(format_) - STAI_FORMAT_GET_SIGN(format_))

typedef struct {
  stai_size size;
  stai_ptr const* data;
} stai_array_const_ptr;
typedef struct {
  stai_size size;
  stai_ptr* data;
} stai_array_ptr;
typedef struct {
  stai_size size;
  const float* data;
} stai_array_f32;
typedef struct {
  stai_size size;
  const int8_t* data;
} stai_array_s8;
typedef struct {
  stai_size size;
  const uint8_t* data;
} stai_array_u8;
typedef struct {
  stai_size size;
  const int16_t* data;
} stai_array_s16;
typedef struct {
  stai_size size;
  const uint16_t* data;
} stai_array_u16;
typedef struct {
  stai_size size;
  const int32_t* data;
} stai_array_s32;
typedef struct {
  stai_size size;
  const uint32_t* data;
} stai_array_u32;
typedef stai_array_s32 stai_shape;

typedef struct {
  uint8_t major;
  uint8_t minor;
  uint8_t micro;
  uint8_t reserved;
} stai_version;

typedef struct {
  stai_size size;
  uintptr_t address;
  stai_flags flags;
} stai_buffer;

/* real = scale * (q - zeropoint); scale.size is 0 for a tensor that is not quantized. */
typedef struct {
  stai_size size_bytes;
  stai_flags flags;
  stai_format format;
  stai_shape shape;
  stai_array_f32 scale;
  stai_array_s16 zeropoint;
  const char* name;
} stai_tensor;

typedef struct {
  const char* model_signature;
  const char* c_compile_datetime;
  const char* c_model_name;
  const char* c_model_datetime;
  uint32_t c_model_signature;
  stai_version runtime_version;
  stai_version tool_version;
  stai_version api_version;
  uint64_t n_macc;
  uint32_t n_nodes;
  int32_t flags;
  uint16_t n_inputs;
  uint16_t n_outputs;
  uint16_t n_activations;
  uint16_t n_weights;
  uint16_t n_states;
  const stai_tensor* inputs;
  const stai_tensor* outputs;
  const stai_tensor* activations;
  const stai_tensor* weights;
  const stai_tensor* states;
} stai_network_info;

typedef struct {
  const int32_t id;
  const int16_t type;
  const stai_array_s32 input_tensors;
  const stai_array_s32 output_tensors;
} stai_node_details;

typedef struct {
  const stai_tensor* const tensors;
  const stai_node_details* const nodes;
  const uint32_t n_nodes;
} stai_network_details;

typedef struct {
  stai_version api_version;
  stai_version runtime_version;
  stai_version tools_version;
  uint32_t runtime_build;
  stai_compiler_id compiler_id;
  const char* compiler_desc;
} stai_runtime_info;

#define STAI_EVENT_NONE (0x00)

typedef void (*stai_event_cb)(void* cb_cookie, const stai_event_type event_type, const void* event_payload);

STAI_API_ENTRY stai_return_code stai_runtime_init(void);
STAI_API_ENTRY stai_return_code stai_runtime_deinit(void);
STAI_API_ENTRY stai_return_code stai_runtime_get_info(stai_runtime_info* info);
/* Nothing happens in the runtime beside the networks' own events: the callback is never called. */
STAI_API_ENTRY stai_return_code stai_runtime_set_callback(const stai_event_cb cb, void* cb_cookie);
STAI_API_ENTRY stai_format stai_init_format(const stai_format_type type, const int8_t sign, const int32_t bits,
                                            const int32_t fbits);

/* What follows is for emitted files. */

struct stai_tables;

/* The start of a context; the addresses of the network's pools follow it. */
typedef struct stai_context {
  uint32_t magic;
  stai_return_code error; /* the first since init; every later call returns it */
  const struct stai_tables* tables;
  stvm_status (*run)(struct stai_context* context);
  stai_event_cb callback;
  void* callback_cookie;
} stai_context;

STAI_API_DECLARE_END

#endif /* STAI_H */
