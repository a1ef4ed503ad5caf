// SPDX-License-Identifier: Apache-2.0
// Reads the main function that TVM generates for the ahead-of-time executor: which kernels it calls with which memory.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "network/c_syntax.hpp"
#include "network/kernel_reader.hpp"
#include "stm32tvm/data_type.hpp"
#include "stm32tvm/result.hpp"

namespace stm32tvm {

/// Where a pointer in the main function points: into what its caller gave it, or into a workspace that it takes itself.
struct AotPlace {
  enum class Kind { parameter, workspace };
  Kind kind = Kind::parameter;
  std::uint32_t index = 0;   ///< into AotMain::parameters or ::workspaces
  std::uint64_t offset = 0;  ///< bytes from its start

  friend bool operator==(const AotPlace&, const AotPlace&) = default;
};

/// A variable of the main function that holds a pointer.
struct AotPointer {
  std::string name;  ///< "sid_1_let"
  AotPlace place;
  bool direct = false;  ///< a parameter or a workspace itself, not a pointer computed from one
};

struct AotArgument {
  AotPointer pointer;
  std::optional<DataType> type;     ///< only the packed form tells
  std::vector<std::int64_t> shape;  ///< only the packed form tells
};

struct AotCall {
  std::string kernel;
  std::vector<AotArgument> arguments;  ///< in call order
  std::string_view text;               ///< the kernel's name in the source, to say where the call stands
};

struct AotWorkspace {
  std::string name;
  std::uint64_t bytes = 0;
};

struct AotMain {
  bool packed = false;
  std::vector<std::string> parameters;   ///< names: "image_buffer_var" or, packed, "image"
  std::vector<AotWorkspace> workspaces;  ///< what it takes with TVMBackendAllocWorkspace
  std::vector<AotPointer> pointers;      ///< all other pointers it declares, in the order of the text
  std::vector<AotCall> calls;            ///< in execution order
};

/// Anything but straight calls of kernels is an error (bad_source) that names its line.
Result<AotMain> read_aot_main(const SourceText& source, const SourceOutline& outline,
                              const KernelDefinition& definition);

}  // namespace stm32tvm
