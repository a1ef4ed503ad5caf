// SPDX-License-Identifier: Apache-2.0
// Reads TVM's generated C: which kernels a source defines, what each takes as workspace, and when it touches what.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "network/c_syntax.hpp"
#include "network/source_outline.hpp"
#include "stm32tvm/network_descriptor.hpp"
#include "stm32tvm/result.hpp"

namespace stm32tvm {

/// One argument of a kernel's call.
struct KernelParameter {
  std::string name;      ///< "p0", "T_cast"
  std::string type;      ///< C type in the unpacked convention: "int8_t*"; empty in the packed one
  bool used = false;     ///< whether the kernel touches its data at all
  bool written = false;  ///< the kernel stores to p[...]; a pointer that is passed on may be written too
  StatementSpan use;     ///< the statements that may touch its data; the whole kernel when unused or not understood
  std::uint64_t written_bytes = 0;  ///< from its start on, in the unpacked convention; 0 when not known exactly
};

/// One C function with external linkage that calls for a network's tensors.
struct Kernel {
  std::string name;
  bool packed = false;  ///< f(void* args, int32_t* arg_type_ids, ...) with DLTensors, not one pointer per argument
  std::vector<KernelParameter> parameters;
  std::vector<Workspace> workspaces;
  std::vector<Handover> handovers;               ///< parameters count first, then workspaces
  std::uint32_t statement_count = 1;             ///< top-level statements that touch memory; at least 1
  std::vector<std::uint32_t> statement_numbers;  ///< by top-level statement of any kind: how many before it are counted
  bool reuses_bytes = false;       ///< may use the same bytes of a pool as several types, one after the other
  std::uint64_t stack_bytes = 0;   ///< local arrays, summed over the scopes that are open at the same time
  std::vector<std::string> calls;  ///< functions and function-like macros called, sorted, once each
};

/// One parameter of a C function.
struct CParameter {
  std::string type;  ///< "int8_t*"
  std::string_view name;
};

/// A kernel's definition, before its body is read. Texts are parts of the source.
struct KernelDefinition {
  std::string_view name;
  bool packed = false;
  std::vector<CParameter> parameters;
  std::size_t function = 0;  ///< index into SourceOutline::functions
};

/// What one source file holds.
struct SourceFacts {
  std::vector<Kernel> kernels;           ///< in the order of the file
  std::vector<std::string> includes;     ///< "math.h", in the order of the file
  std::set<std::string> definitions;     ///< functions and variables with external linkage
  bool casts_to_int = false;             ///< a function passes int*, which is no int32_t* on Arm
  std::optional<KernelDefinition> main;  ///< the generated main function of an AOT module
};

/// Whether a function of this name is the generated main function of a module, which calls the kernels.
bool is_main_function(std::string_view name) noexcept;

/// Reads a source of TVM's C code generator, of which `outline` is. `source` names it in errors. Code that is not
/// understood makes spans cover the whole kernel. bad_source means that comments, strings or brackets do not close or
/// nest thousands deep, that a workspace's size is no constant, or that a kernel needs more workspaces than the runtime
/// serves; limit_exceeded, that a function is out of all proportion.
Result<SourceFacts> read_kernels(const SourceText& source, const SourceOutline& outline);

}  // namespace stm32tvm
