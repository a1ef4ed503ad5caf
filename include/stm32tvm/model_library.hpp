// SPDX-License-Identifier: Apache-2.0
// Step 2. ModelLibrary: what a Model Library Format archive says, module by module, before any of it is interpreted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stm32tvm/archive.hpp"
#include "stm32tvm/bytes.hpp"
#include "stm32tvm/data_type.hpp"
#include "stm32tvm/network_descriptor.hpp"
#include "stm32tvm/progress.hpp"
#include "stm32tvm/result.hpp"

namespace stm32tvm {
inline namespace v1 {

/// Who calls the operators of a module.
enum class Executor {
  graph,           ///< graph executor: a JSON graph
  ahead_of_time,   ///< AOT executor: a generated main function
  single_operator  ///< operator style: no main function, one or more functions
};

const char* name(Executor executor) noexcept;

/// A named input or output of a module's main function, as metadata.json lists it (sorted by name, not in call order).
struct MainTensor {
  std::string name;
  std::string data_type;  ///< TVM's name of the type
  std::uint64_t bytes = 0;
};

/// An argument of an operator style function.
struct OperatorArgument {
  std::string data_type;
  std::vector<std::int64_t> shape;
};

/// A function of an operator style archive.
struct OperatorFunction {
  std::string name;
  std::vector<OperatorArgument> arguments;  ///< in call order
};

/// One module of an archive: the members that belong to it, and what metadata.json says of it.
struct Module {
  std::string name;  ///< TVM's libmod_name, "default" unless the exporter named it
  Executor executor = Executor::graph;
  std::vector<std::string> targets;  ///< TVM target strings: "c -keys=cpu "
  std::string export_datetime;       ///< as written; local time in spite of its Z
  std::string tvm_version;           ///< from external_dependencies; empty when not said

  std::vector<Archive::Member> sources;       ///< C and C++ sources, in the order of their names
  std::vector<Archive::Member> objects;       ///< object files, in the order of their names
  std::vector<Archive::Member> headers;       ///< C headers
  std::optional<Archive::Member> graph;       ///< the graph executor's JSON
  std::optional<Archive::Member> parameters;  ///< tvm.runtime.save_param_dict bytes
  std::optional<Archive::Member> relay;       ///< the Relay text

  std::vector<MainTensor> main_inputs;  ///< empty when the exporter did not write them (before TVM 0.11)
  std::vector<MainTensor> main_outputs;
  std::vector<OperatorFunction> operator_functions;  ///< operator style only
  std::uint64_t main_workspace_bytes = 0;
  /// By storage id of the graph: as written, which is wrong wherever tensors share storage (TVM 0.8 to 0.18).
  std::map<std::int64_t, std::uint64_t> storage_bytes;
  std::map<std::string, std::uint64_t, std::less<>> operator_workspace_bytes;  ///< by function: an upper bound
};

/// Limits on what a module may ask for, beside ArchiveLimits. Over one is ErrorCode::limit_exceeded.
struct ModelLimits {
  std::uint32_t modules = 64;
  std::uint32_t json_depth = 64;     ///< nesting of a JSON member
  std::uint32_t nodes = 100'000;     ///< nodes of a graph
  std::uint32_t tensors = 400'000;   ///< tensors of a graph
  std::uint32_t name_bytes = 1'024;  ///< length of a node's name
  std::uint32_t rank = 16;           ///< dimensions of a tensor
  std::uint64_t tensor_bytes = 1ULL << 30;
};

/// How a module becomes a network.
struct NetworkOptions {
  /// Constants keep the types and the places that the archive gives them. Otherwise each integer constant whose values
  /// fit a narrower type, and whose kernels read nothing but single elements of it, is stored in that type, and equal
  /// constants are stored once; the kernels' text changes in those reads alone.
  bool keep_constants = false;
  /// Where constants are stored; empty: all in the image. read_placement() reads it from a file.
  std::vector<WeightsGroup> weights_groups = {};
};

/// What a Model Library Format archive says, module by module, before any of it is interpreted: step 2.
class ModelLibrary {
 public:
  static Result<ModelLibrary> open(const std::filesystem::path& path, const ArchiveLimits& archive_limits = {},
                                   const ModelLimits& limits = {}, const ProgressCallback& progress = {});
  static Result<ModelLibrary> from_bytes(Bytes bytes, const ArchiveLimits& archive_limits = {},
                                         const ModelLimits& limits = {}, const ProgressCallback& progress = {});
  static Result<ModelLibrary> from_archive(const Archive& archive, const ModelLimits& limits = {});

  /// Model Library Format version that metadata.json states, 1 to 7.
  [[nodiscard]] int format_version() const noexcept { return format_version_; }

  /// The modules in the order of their names.
  [[nodiscard]] const std::vector<Module>& modules() const noexcept { return modules_; }

  /// Step 3: describes the module of this name; an empty name means the only module there is. Tells its progress before
  /// and after.
  [[nodiscard]] Result<NetworkDescriptor> network(std::string_view module = {}, const NetworkOptions& options = {},
                                                  const ProgressCallback& progress = {}) const;

 private:
  int format_version_ = 0;
  std::vector<Module> modules_;
  ModelLimits limits_;
};

}  // namespace v1
}  // namespace stm32tvm
