/* SPDX-License-Identifier: Apache-2.0 */
/* The part of DLPack's in-memory tensor that TVM's generated C and applications of the ai_* API use. Names, field order
 * and values are DLPack's (dmlc/dlpack v0.5 and later); the text is this project's. */
#ifndef DLPACK_DLPACK_H
#define DLPACK_DLPACK_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum { kDLCPU = 1 } DLDeviceType;

typedef struct {
  DLDeviceType device_type;
  int32_t device_id;
} DLDevice;

typedef enum { kDLInt = 0, kDLUInt = 1, kDLFloat = 2, kDLOpaqueHandle = 3, kDLBfloat = 4 } DLDataTypeCode;

typedef struct {
  uint8_t code; /* a DLDataTypeCode */
  uint8_t bits; /* of one lane */
  uint16_t lanes;
} DLDataType;

typedef struct {
  void* data;
  DLDevice device;
  int32_t ndim;
  DLDataType dtype;
  int64_t* shape;   /* ndim dimensions */
  int64_t* strides; /* in elements; NULL for compact C order */
  uint64_t byte_offset;
} DLTensor;

#ifdef __cplusplus
}
#endif

#endif /* DLPACK_DLPACK_H */
