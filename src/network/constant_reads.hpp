// SPDX-License-Identifier: Apache-2.0
// Finds how TVM's generated C reads its constants: element by element under one type, or in some other way.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "network/source_outline.hpp"

namespace stm32tvm {

/// One ((int16_t*)p1_1)[i].
struct ElementAccess {
  std::string_view type;    ///< the word "int16_t"
  std::string_view behind;  ///< the empty place behind the ']'
};

/// How one variable that points to constants, or to a tensor, is used. Texts are parts of the source.
struct ConstantReads {
  std::string_view variable;
  std::string_view address;  ///< of a parameter: "(((DLTensor*)p1)[0].data)"; empty where it is passed itself
  std::string_view type;     ///< "int16_t" of all accesses; empty when there are none
  std::vector<ElementAccess> accesses;  ///< to single elements
  bool only_elements = true;            ///< the variable is used for nothing but these accesses
  std::string other_use;  ///< how else than to read elements it is used: why its type has to stay; empty: it may change
};

/// `void* constant_let = (&(pool[offset]));` in a kernel.
struct PoolPointer {
  std::uint64_t offset = 0;
  std::string_view digits;  ///< the offset as it is written
  ConstantReads reads;
};

/// What a kernel does with one parameter, whether that is a constant or a pool of them.
struct ParameterReads {
  ConstantReads reads;
  std::vector<PoolPointer> pointers;
  std::string other_pool_use;  ///< what else it does with the pool; empty when all it does is make these pointers
};

struct KernelReads {
  std::string_view name;
  std::vector<ParameterReads> parameters;  ///< by index
};

struct ConstantArray {
  SourceArray array;
  ConstantReads reads;  ///< in the whole source
};

struct SourceReads {
  std::vector<KernelReads> kernels;
  std::vector<ConstantArray> arrays;
  /// Functions that other functions than a module's main function name in their bodies.
  NameSet called;
};

/// Looks through a source. `kernels` are the functions of interest.
SourceReads find_constant_reads(const SourceOutline& outline, const NameSet& kernels);

/// Kernels of a network's sources that more than its operators may call: those that are `called`, or defined twice.
NameSet called_besides(const std::vector<SourceReads>& sources);

}  // namespace stm32tvm
