/* SPDX-License-Identifier: Apache-2.0 */
/* What an ahead-of-time module of the packed interface says of itself. Names, order and types of the fields are those
 * of apache/tvm v0.14.0 include/tvm/runtime/metadata_types.h, but for one; the text is this project's. */
#ifndef TVM_RUNTIME_METADATA_TYPES_H_
#define TVM_RUNTIME_METADATA_TYPES_H_

#include <dlpack/dlpack.h>
#include <stdint.h>

struct TVMTensorInfo {
  const char* name;
  const int64_t* shape;
  int64_t num_shape; /* dimensions */
  DLDataType dtype;
};

struct TVMConstantInfo {
  const char* name_hint;
  uint64_t byte_offset;
  uint64_t data_len;
  /* TVM has the address of the constant, serialised, here. Nothing on the device reads it, and the kernels' own copy is
   * in the image already. An array keeps as much of the string that the generated C has here as it has room for, of
   * which gcc and clang warn: the rest stays out of the image. */
  char data_bytes[1];
};

struct TVMMetadata {
  int64_t version;
  const struct TVMTensorInfo* inputs;
  int64_t num_inputs;
  const struct TVMTensorInfo* outputs;
  int64_t num_outputs;
  const struct TVMTensorInfo* workspace_pools;
  int64_t num_workspace_pools;
  const struct TVMConstantInfo* constant_pools;
  int64_t num_constant_pools;
  const char* mod_name; /* "tvmgen_default" */
};

#endif /* TVM_RUNTIME_METADATA_TYPES_H_ */
