// SPDX-License-Identifier: Apache-2.0
// Options as JSON text: one reader for every host that has no C++ structs to fill, the C ABI first. docs/c-abi.md has
// the form. Keys are those of the structs; the words of enumerators are those of the command line.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "stm32tvm/archive.hpp"
#include "stm32tvm/memory_plan.hpp"
#include "stm32tvm/model_library.hpp"
#include "stm32tvm/project_emitter.hpp"
#include "stm32tvm/result.hpp"

namespace stm32tvm {
inline namespace v1 {

/// What ModelLibrary::open() takes beside the path.
struct LoadOptions {
  ArchiveLimits archive;
  ModelLimits model;
};

/// Each reads one JSON object; an empty text stands for an empty object, a missing key for the default. Fails with
/// bad_json when the text is no JSON object, and with bad_option, naming what is known, for an unknown key or word, a
/// value of the wrong type, and a target that is not in the table.
Result<LoadOptions> read_load_options(std::string_view json);
Result<NetworkOptions> read_network_options(std::string_view json);
/// Of a file of its own: {"weights_groups": [...]} as in the options of a network.
Result<std::vector<WeightsGroup>> read_placement(std::string_view json);
Result<PlanOptions> read_plan_options(std::string_view json);
Result<EmitOptions> read_emit_options(std::string_view json);

/// The word of each value of an option.
template <class Value>
using Words = std::vector<std::pair<std::string, Value>>;

Words<PlanOptions::Inputs> inputs_words();
Words<PlanOptions::Placement> placement_words();
Words<EmitOptions::DeviceApi> device_api_words();
Words<EmitOptions::Weights> weights_words();
Words<WeightsGroup::Place> weights_place_words();
Words<EmitOptions::Application> application_words();
Words<EmitOptions::BuildSystem> build_system_words();
Words<EmitOptions::Console> console_words();

}  // namespace v1
}  // namespace stm32tvm
