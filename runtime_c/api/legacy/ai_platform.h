/* SPDX-License-Identifier: Apache-2.0 */
/* The legacy device API: names, layouts and values of X-CUBE-AI 7.1 to 10.2, written anew over stvm.h. Applications
 * written for ST's runtime compile and run unchanged; the clock of the CRC unit is not needed. */
#ifndef AI_PLATFORM_H
#define AI_PLATFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stvm.h"

#ifdef __cplusplus
#define AI_API_DECLARE_BEGIN extern "C" {
#define AI_API_DECLARE_END }
#else
#define AI_API_DECLARE_BEGIN
#define AI_API_DECLARE_END
#endif

AI_API_DECLARE_BEGIN

#define AI_PLATFORM_API_MAJOR 1
#define AI_PLATFORM_API_MINOR 2
#define AI_PLATFORM_API_MICRO 0

/* The version of ST's tools whose API this is. */
#ifndef AI_TOOLS_API_VERSION_MAJOR
#define AI_TOOLS_API_VERSION_MAJOR 1
#define AI_TOOLS_API_VERSION_MINOR 5
#define AI_TOOLS_API_VERSION_MICRO 0
#endif

#define AI_VERSION(major_, minor_, micro_) (((major_) << 24) | ((minor_) << 16) | ((micro_) << 8))

#define AI_API_ENTRY
#define AI_ALIGNED(x) STVM_ALIGNED(x)
#if defined(__GNUC__)
#define AI_PACK(...) __VA_ARGS__ __attribute__((packed))
#else
#define AI_PACK(...) __VA_ARGS__
#endif

#define AI_UNUSED(x) (void)(x);
#define AI_CONCAT_ARG(a, b) a##b
#define AI_CONCAT(a, b) AI_CONCAT_ARG(a, b)
#define AI_CAST(type_, expression_) ((type_)(expression_))
#define AI_STRUCT_INIT
#define AI_C_ARRAY_INIT
#define AI_DEPRECATED
#define AI_LEGACY
#define AI_FLAG_NONE (0x0)

#define AI_HANDLE_PTR(ptr_) ((ai_handle)(ptr_))
#define AI_HANDLE_NULL AI_HANDLE_PTR(NULL)
#define AI_HANDLE_FUNC_PTR(function_) ((ai_handle_func)(function_))

/* What tells network parameters of the map form, and what tables of addresses start and end with. */
#define AI_MAGIC_SIGNATURE (0xA1FACADEU)
#define AI_MAGIC_MARKER ((uintptr_t)0xA1FACADEU)

typedef void* ai_handle;
typedef const void* ai_handle_const;
typedef void (*ai_handle_func)(ai_handle);
typedef float ai_float;
typedef double ai_double;
typedef bool ai_bool;
typedef char ai_char;
typedef uint32_t ai_size;
typedef int16_t ai_short_size;
typedef uintptr_t ai_uptr;
typedef unsigned int ai_uint;
typedef uint8_t ai_u8;
typedef uint16_t ai_u16;
typedef uint32_t ai_u32;
typedef uint64_t ai_u64;
typedef int ai_int;
typedef int8_t ai_i8;
typedef int16_t ai_i16;
typedef int32_t ai_i32;
typedef int64_t ai_i64;
typedef uint64_t ai_macc;
typedef int32_t ai_pbits;
typedef uint32_t ai_signature;
typedef uint32_t ai_flags;
typedef uint32_t ai_shape_dimension;

/* Errors. */

typedef struct {
  unsigned int type : 8;  /* ai_error_type */
  unsigned int code : 24; /* ai_error_code */
} ai_error;

typedef enum {
  AI_ERROR_NONE = 0x00,
  AI_ERROR_TOOL_PLATFORM_API_MISMATCH = 0x01,
  AI_ERROR_TYPES_MISMATCH = 0x02,
  AI_ERROR_INVALID_HANDLE = 0x10,
  AI_ERROR_INVALID_STATE = 0x11,
  AI_ERROR_INVALID_INPUT = 0x12,
  AI_ERROR_INVALID_OUTPUT = 0x13,
  AI_ERROR_INVALID_PARAM = 0x14,
  AI_ERROR_INVALID_SIGNATURE = 0x15,
  AI_ERROR_INVALID_SIZE = 0x16,
  AI_ERROR_INVALID_VALUE = 0x17,
  AI_ERROR_INIT_FAILED = 0x30,
  AI_ERROR_ALLOCATION_FAILED = 0x31,
  AI_ERROR_DEALLOCATION_FAILED = 0x32,
  AI_ERROR_CREATE_FAILED = 0x33
} ai_error_type;

typedef enum {
  AI_ERROR_CODE_NONE = 0x0000,
  AI_ERROR_CODE_NETWORK = 0x0010,
  AI_ERROR_CODE_NETWORK_PARAMS = 0x0011,
  AI_ERROR_CODE_NETWORK_WEIGHTS = 0x0012,
  AI_ERROR_CODE_NETWORK_ACTIVATIONS = 0x0013,
  AI_ERROR_CODE_LAYER = 0x0014,
  AI_ERROR_CODE_TENSOR = 0x0015,
  AI_ERROR_CODE_ARRAY = 0x0016,
  AI_ERROR_CODE_INVALID_PTR = 0x0017,
  AI_ERROR_CODE_INVALID_SIZE = 0x0018,
  AI_ERROR_CODE_INVALID_FORMAT = 0x0019,
  AI_ERROR_CODE_OUT_OF_RANGE = 0x0020,
  AI_ERROR_CODE_INVALID_BATCH = 0x0021,
  AI_ERROR_CODE_MISSED_INIT = 0x0030,
  AI_ERROR_CODE_IN_USE = 0x0040,
  AI_ERROR_CODE_LOCK = 0x0041
} ai_error_code;

#define AI_ERROR_FMT "type=0x%02x code=0x%06x"
#define AI_ERROR_INIT(type_, code_) \
  { AI_ERROR_##type_, AI_ERROR_CODE_##code_ }

/* Formats. Bit 23: signed; bits 20 to 17: type; bits 13 to 7: bits; bits 6 to 0: fractional bits + 64. */

typedef int32_t ai_buffer_format;

#define AI_BUFFER_FMT_TYPE_NONE (0x0)
#define AI_BUFFER_FMT_TYPE_FLOAT (0x1)
#define AI_BUFFER_FMT_TYPE_Q (0x2)
#define AI_BUFFER_FMT_TYPE_BOOL (0x3)
#define AI_BUFFER_FMT_FLAG_CONST (0x1U << 30)
#define AI_BUFFER_FMT_FLAG_STATIC (0x1U << 29)
#define AI_BUFFER_FMT_FLAG_PERSISTENT AI_BUFFER_FMT_FLAG_STATIC
#define AI_BUFFER_FMT_FLAG_IS_IO (0x1U << 27)
#define AI_BUFFER_FMT_MASK (0x01FFFFFF)

#define AI_BUFFER_FMT_GET(format_) ((format_)&AI_BUFFER_FMT_MASK)
#define AI_BUFFER_FMT_SAME(one_, other_) (AI_BUFFER_FMT_GET(one_) == AI_BUFFER_FMT_GET(other_))
#define AI_BUFFER_FMT_GET_FLOAT(format_) (((format_) >> 24) & 0x1)
#define AI_BUFFER_FMT_GET_SIGN(format_) (((format_) >> 23) & 0x1)
#define AI_BUFFER_FMT_GET_TYPE(format_) (((format_) >> 17) & 0xF)
#define AI_BUFFER_FMT_GET_BITS(format_) (((format_) >> 7) & 0x7F)
#define AI_BUFFER_FMT_GET_FBITS(format_) (((format_)&0x7F) - 64)
#define AI_BUFFER_FMT_SET(type_, sign_, float_, bits_, fbits_)                                      \
  ((((float_)&0x1) << 24) | (((sign_)&0x1) << 23) | (((type_)&0xF) << 17) | (((bits_)&0x7F) << 7) | \
   (((fbits_) + 64) & 0x7F))

enum {
  AI_BUFFER_FORMAT_NONE = 0x00000040,
  AI_BUFFER_FORMAT_FLOAT = 0x00821040,
  AI_BUFFER_FORMAT_U1 = 0x000400c0,
  AI_BUFFER_FORMAT_U8 = 0x00040440,
  AI_BUFFER_FORMAT_U16 = 0x00040840,
  AI_BUFFER_FORMAT_U32 = 0x00041040,
  AI_BUFFER_FORMAT_S1 = 0x008400c0,
  AI_BUFFER_FORMAT_S8 = 0x00840440,
  AI_BUFFER_FORMAT_S16 = 0x00840840,
  AI_BUFFER_FORMAT_S32 = 0x00841040,
  AI_BUFFER_FORMAT_Q = 0x00840040,
  AI_BUFFER_FORMAT_Q7 = 0x00840447,
  AI_BUFFER_FORMAT_Q15 = 0x0084084f,
  AI_BUFFER_FORMAT_UQ = 0x00040040,
  AI_BUFFER_FORMAT_UQ7 = 0x00040447,
  AI_BUFFER_FORMAT_UQ15 = 0x0004084f,
  AI_BUFFER_FORMAT_BOOL = 0x00060440
};

/* Quantization: real = scale * (q - zeropoint). */

#define AI_BUFFER_META_HAS_INTQ_INFO (0x1U << 0) /* of ai_buffer_meta_info.flags */
/* Of ai_intq_info_list.flags: the types of the two arrays. */
#define AI_BUFFER_META_FLAG_SCALE_FLOAT (0x1U << 0)
#define AI_BUFFER_META_FLAG_ZEROPOINT_U8 (0x1U << 1)
#define AI_BUFFER_META_FLAG_ZEROPOINT_S8 (0x1U << 2)
#define AI_BUFFER_META_FLAG_ZEROPOINT_U16 (0x1U << 3)
#define AI_BUFFER_META_FLAG_ZEROPOINT_S16 (0x1U << 4)

typedef struct {
  const ai_float* scale;
  const ai_handle zeropoint; /* integers of the type that the list's flags name */
} ai_intq_info;

typedef struct {
  ai_u16 flags;
  ai_u16 size; /* 1, or one for each index of the axis */
  const ai_intq_info* info;
} ai_intq_info_list;

typedef struct {
  ai_u32 flags;
  ai_intq_info_list* intq_info;
} ai_buffer_meta_info;

#define AI_INTQ_INFO_LIST(list_) ((list_)->info)
#define AI_INTQ_INFO_LIST_FLAGS(list_) ((list_) ? (list_)->flags : 0)
#define AI_INTQ_INFO_LIST_SIZE(list_) ((list_) ? (list_)->size : 0)
#define AI_HAS_INTQ_INFO_LIST(list_) ((list_) ? ((list_)->info && (list_)->size > 0) : false)
#define AI_INTQ_INFO_LIST_SCALE(list_, type_, pos_) \
  (AI_HAS_INTQ_INFO_LIST(list_) && (pos_) < (list_)->size ? ((const type_*)(list_)->info->scale)[(pos_)] : 1.0f)
#define AI_INTQ_INFO_LIST_ZEROPOINT(list_, type_, pos_) \
  (AI_HAS_INTQ_INFO_LIST(list_) && (pos_) < (list_)->size ? ((const type_*)(list_)->info->zeropoint)[(pos_)] : 0)

#define AI_BUFFER_META_INFO_INIT(flags_, intq_info_) \
  { (flags_), (intq_info_) }
#define AI_BUFFER_META_INFO(buffer_) ((buffer_)->meta_info)
/* The ai_intq_info_list of an ai_buffer_meta_info; NULL when it has none. */
#define AI_BUFFER_META_INFO_INTQ(meta_) \
  ((meta_) && ((meta_)->flags & AI_BUFFER_META_HAS_INTQ_INFO) ? (meta_)->intq_info : NULL)
#define AI_BUFFER_META_INFO_INTQ_GET_SIZE(meta_) \
  (AI_BUFFER_META_INFO_INTQ(meta_) ? AI_INTQ_INFO_LIST_SIZE(AI_BUFFER_META_INFO_INTQ(meta_)) : 0)
#define AI_BUFFER_META_INFO_INTQ_GET_SCALE(meta_, pos_) \
  (AI_BUFFER_META_INFO_INTQ(meta_) ? AI_INTQ_INFO_LIST_SCALE((meta_)->intq_info, ai_float, pos_) : 0)
#define AI_BUFFER_META_INFO_INTQ_GET_ZEROPOINT(meta_, pos_) \
  (AI_BUFFER_META_INFO_INTQ(meta_) ? ai_intq_zeropoint((meta_)->intq_info, (ai_u32)(pos_)) : 0)

/* The zero point at this position; 0 for one that is not there. */
static inline ai_i32 ai_intq_zeropoint(const ai_intq_info_list* list, ai_u32 position) {
  if (!AI_HAS_INTQ_INFO_LIST(list) || position >= list->size) {
    return 0;
  }
  if ((list->flags & AI_BUFFER_META_FLAG_ZEROPOINT_U8) != 0) {
    return ((const ai_u8*)list->info->zeropoint)[position];
  }
  if ((list->flags & AI_BUFFER_META_FLAG_ZEROPOINT_U16) != 0) {
    return ((const ai_u16*)list->info->zeropoint)[position];
  }
  if ((list->flags & AI_BUFFER_META_FLAG_ZEROPOINT_S16) != 0) {
    return ((const ai_i16*)list->info->zeropoint)[position];
  }
  return ((const ai_i8*)list->info->zeropoint)[position];
}

/* Buffers. */

#define AI_SHAPE_BCWH (0x01)
#define AI_SHAPE_BATCH (0x0)
#define AI_SHAPE_IN_CHANNEL (0x0)
#define AI_SHAPE_TIME (0x0)
#define AI_SHAPE_CHANNEL (0x1)
#define AI_SHAPE_WIDTH (0x2)
#define AI_SHAPE_HEIGHT (0x3)
#define AI_SHAPE_DEPTH (0x4)
#define AI_SHAPE_EXTENSION (0x5)

typedef struct {
  unsigned int type : 8;    /* AI_SHAPE_BCWH */
  unsigned int size : 24;   /* dimensions: 4, or more with depth and extension */
  ai_shape_dimension* data; /* at the indices AI_SHAPE_... */
} ai_buffer_shape;

typedef struct {
  ai_buffer_format format;
  ai_handle data;                 /* channels last; NULL until the application sets it, but for those in activations */
  ai_buffer_meta_info* meta_info; /* NULL: not quantized, or not known */
  ai_flags flags;
  ai_size size; /* elements of one batch */
  ai_buffer_shape shape;
} ai_buffer;

typedef struct {
  ai_u16 flags;
  ai_u16 size;
  ai_buffer* buffer;
} ai_buffer_array;

/* Initialisers, of C alone: C++ has no compound literals. */
#define AI_BUFFER_SHAPE_INIT_FROM_ARRAY(type_, size_, array_) \
  { (type_), (size_), (array_) }
#define AI_BUFFER_SHAPE_INIT(type_, size_, ...) \
  {                                             \
    (type_), (size_), (ai_shape_dimension[]) {  \
      __VA_ARGS__                               \
    }                                           \
  }
#define AI_BUFFER_SHAPE_OF(...) AI_BUFFER_SHAPE_INIT(AI_SHAPE_BCWH, 4, __VA_ARGS__)
#define AI_BUFFER_INIT(flags_, format_, shape_, size_, meta_info_, data_) \
  { (ai_buffer_format)(format_), (ai_handle)(data_), (meta_info_), (flags_), (ai_size)(size_), shape_ }
#define AI_BUFFER_INIT_STATIC(type_, flags_, format_, shape_, size_, meta_info_, ...) \
  { (ai_buffer_format)(format_), (type_[]){__VA_ARGS__}, (meta_info_), (flags_), (ai_size)(size_), shape_ }
#define AI_BUFFER_OBJ_INIT(format_, h_, w_, ch_, n_batches_, data_) \
  AI_BUFFER_INIT(AI_FLAG_NONE, format_, AI_BUFFER_SHAPE_OF(n_batches_, ch_, w_, h_), (h_) * (w_) * (ch_), NULL, data_)
#define AI_BUFFER_OBJ_INIT_STATIC(type_, format_, h_, w_, ch_, n_batches_, ...) \
  AI_BUFFER_OBJ_INIT(format_, h_, w_, ch_, n_batches_, ((type_[]){__VA_ARGS__}))

#define AI_BUFFER_FORMAT(buffer_) AI_BUFFER_FMT_GET((buffer_)->format)
#define AI_BUFFER_DATA(buffer_, type_) ((type_*)((buffer_)->data))
#define AI_BUFFER_FLAGS(buffer_) ((buffer_)->flags)
#define AI_BUFFER_SIZE(buffer_) ai_buffer_get_size((buffer_), true)
#define AI_BUFFER_SIZE_UNPAD(buffer_) ai_buffer_get_size((buffer_), false)
#define AI_BUFFER_BYTE_SIZE(count_, format_) ai_buffer_get_byte_size((count_), (format_))
#define AI_BUFFER_SHAPE_TYPE(buffer_) ((buffer_)->shape.type)
#define AI_BUFFER_SHAPE_SIZE(buffer_) ((buffer_)->shape.size)
#define AI_BUFFER_SHAPE_ELEM(buffer_, pos_) \
  ((buffer_)->shape.data != NULL && (pos_) < (buffer_)->shape.size ? (buffer_)->shape.data[(pos_)] : 0)
#define AI_BUFFER_SET_SHAPE_ELEM(buffer_, pos_, value_) \
  do {                                                  \
    if ((pos_) < (buffer_)->shape.size) {               \
      (buffer_)->shape.data[(pos_)] = (value_);         \
    }                                                   \
  } while (0)
#define AI_BUFFER_N_BATCHES(buffer_) AI_BUFFER_SHAPE_ELEM(buffer_, AI_SHAPE_BATCH)
#define AI_BUFFER_CHANNELS(buffer_) AI_BUFFER_SHAPE_ELEM(buffer_, AI_SHAPE_CHANNEL)
#define AI_BUFFER_WIDTH(buffer_) AI_BUFFER_SHAPE_ELEM(buffer_, AI_SHAPE_WIDTH)
#define AI_BUFFER_HEIGHT(buffer_) AI_BUFFER_SHAPE_ELEM(buffer_, AI_SHAPE_HEIGHT)

#define AI_BUFFER_ARRAY_OBJ_INIT(flags_, size_, buffers_) \
  { .flags = (ai_u16)(flags_), .size = (ai_u16)(size_), .buffer = (buffers_) }
#define AI_BUFFER_ARRAY_OBJ_INIT_STATIC(flags_, size_, ...) \
  AI_BUFFER_ARRAY_OBJ_INIT(flags_, size_, ((ai_buffer[]){__VA_ARGS__}))
#define AI_BUFFER_ARRAY_SANE(array_) ai_buffer_array_sane(array_)
#define AI_BUFFER_ARRAY_FLAGS(array_) (AI_BUFFER_ARRAY_SANE(array_) ? (array_)->flags : AI_FLAG_NONE)
#define AI_BUFFER_ARRAY_SIZE(array_) (AI_BUFFER_ARRAY_SANE(array_) ? (array_)->size : 0)
#define AI_BUFFER_ARRAY_ITEM(array_, pos_) (AI_BUFFER_ARRAY_SANE(array_) ? &(array_)->buffer[(pos_)] : NULL)
#define AI_BUFFER_ARRAY_ITEM_SET_ADDRESS(array_, pos_, address_) \
  ai_buffer_array_item_set_address((array_), (pos_), (address_))

/* Elements of all batches. Elements lie one behind the other, so there is no padding to count. */
AI_API_ENTRY ai_size ai_buffer_get_size(const ai_buffer* buffer, const ai_bool with_padding);
/* Bytes of so many elements: of each, or of the last, whole bytes. */
AI_API_ENTRY ai_size ai_buffer_get_byte_size(const ai_size count, const ai_buffer_format format);
AI_API_ENTRY ai_bool ai_buffer_array_is_empty(const ai_buffer_array* array);
AI_API_ENTRY ai_bool ai_buffer_array_is_valid(const ai_buffer_array* array);
/* Whether it is valid and not empty. */
AI_API_ENTRY ai_bool ai_buffer_array_sane(const ai_buffer_array* array);
AI_API_ENTRY ai_size ai_buffer_array_get_byte_size(const ai_buffer_array* array);
/* False for a position that the array does not have. */
AI_API_ENTRY ai_bool ai_buffer_array_item_set_address(ai_buffer_array* array, const ai_u32 pos, ai_handle address);

/* Networks. */

typedef struct {
  ai_u8 major;
  ai_u8 minor;
  ai_u8 micro;
  ai_u8 reserved;
} ai_platform_version;

/* ST's structures hold anonymous ones, which neither C99 nor C++ has. */
#if defined(__GNUC__)
#define AI_ANONYMOUS __extension__
#else
#define AI_ANONYMOUS
#endif

/* Weights and activations: as two buffers, or, where map_signature is AI_MAGIC_SIGNATURE, as two arrays of buffers. */
AI_ANONYMOUS typedef struct {
  AI_ANONYMOUS union {
    AI_ANONYMOUS struct {
      ai_buffer params;
      ai_buffer activations;
    };
    AI_ANONYMOUS struct {
      ai_signature map_signature;
      ai_buffer_array map_weights;
      ai_buffer_array map_activations;
    };
  };
} ai_network_params;

#define AI_NETWORK_PARAMS_INIT(params_, activations_) \
  { .params = params_, .activations = activations_ }
#define AI_NETWORK_BUFFERS_INIT(weights_, activations_) \
  { .map_signature = AI_MAGIC_SIGNATURE, .map_weights = weights_, .map_activations = activations_ }

typedef struct {
  const char* model_name;
  const char* model_signature;
  const char* model_datetime;
  const char* compile_datetime; /* always "": emission has no clock */
  const char* runtime_revision;
  ai_platform_version runtime_version; /* of stm32tvm */
  const char* tool_revision;
  ai_platform_version tool_version; /* of stm32tvm */
  ai_platform_version tool_api_version;
  ai_platform_version api_version;
  ai_platform_version interface_api_version;
  ai_macc n_macc; /* 0: the archive does not tell it */
  ai_u16 n_inputs;
  ai_u16 n_outputs;
  ai_buffer* inputs;
  ai_buffer* outputs;
  AI_ANONYMOUS union {
    AI_ANONYMOUS struct {
      ai_buffer params;
      ai_buffer activations;
    };
    AI_ANONYMOUS struct {
      ai_signature map_signature;
      ai_buffer_array map_weights;
      ai_buffer_array map_activations;
    };
  };
  ai_u32 n_nodes;
  ai_signature signature;
} ai_network_report;

AI_API_DECLARE_END

#endif /* AI_PLATFORM_H */
