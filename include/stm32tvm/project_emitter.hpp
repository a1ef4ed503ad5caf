// SPDX-License-Identifier: Apache-2.0
// Step 5. ProjectEmitter: from a network and its plan to C, up to a whole firmware project.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "stm32tvm/budget.hpp"
#include "stm32tvm/bytes.hpp"
#include "stm32tvm/image_plan.hpp"
#include "stm32tvm/kernel_profile.hpp"
#include "stm32tvm/memory_plan.hpp"
#include "stm32tvm/network_descriptor.hpp"
#include "stm32tvm/progress.hpp"
#include "stm32tvm/result.hpp"
#include "stm32tvm/source_tree.hpp"
#include "stm32tvm/target.hpp"

namespace stm32tvm {
inline namespace v1 {

/// One set of inputs with the outputs they should give, for the firmware's golden check.
struct Sample {
  std::vector<Bytes> inputs;   ///< one for each network input, of its size
  std::vector<Bytes> outputs;  ///< one for each network output, or none: then the firmware only reports
  std::uint32_t network = 0;   ///< of several networks, the place of the one that it is for

  friend bool operator==(const Sample&, const Sample&) = default;
};

/// What is emitted.
struct EmitOptions {
  /// The C API that the application programs against.
  enum class DeviceApi {
    tvm,    ///< ai_* of TVM's STM32 port (apache/tvm, src/runtime/crt/contrib/stm32)
    st_ai,  ///< stai_<name>_* of ST Edge AI Core 2 and later; activations are the application's
    legacy  ///< ai_<name>_* of X-CUBE-AI 7.1 to 10; activations are the application's
  };
  using Weights = WeightsGroup::Format;

  /// What builds the tree.
  enum class BuildSystem {
    cmake,       ///< CMake; with firmware, presets and a toolchain file, too
    make,        ///< GNU make; without firmware also a fragment for other Makefiles, like those of STM32CubeMX
    zephyr,      ///< a Zephyr module; no target
    arduino,     ///< an Arduino library; no target
    platformio,  ///< a PlatformIO library; no target
    csolution,   ///< a solution of Open-CMSIS-Pack; needs a target
    cubeide      ///< a project of STM32CubeIDE; needs a target
  };
  /// Where the firmware's text goes.
  enum class Console {
    automatic,    ///< the serial port of the board's probe where its registers are known, else semihosting
    semihosting,  ///< Arm's: a debugger or an emulator takes it
    uart,         ///< the serial port of the board's probe
    application   ///< the application defines the two functions of console_port.h
  };

  /// What the firmware's main() does.
  enum class Application {
    golden_check,  ///< runs the samples, reports outputs and ticks, and checks the outputs that are given
    minimal,       ///< one run: the place to start from
    performance,   ///< ticks of the network and of each operator on random inputs, stack, RAM and flash
    validation,    ///< answers ST's ai_runner (protocol 3.1) on the serial port of the board's probe
    self_test      ///< runs the self-test and tells what it finds; needs self_test
  };

  std::string name = "network";  ///< prefix of every file and symbol; made a C identifier, lower case
  /// Of several networks, one for each in their order, in place of `name` and the module's: `name` is the project's.
  std::vector<std::string> names;
  DeviceApi device_api = DeviceApi::tvm;
  Weights weights = Weights::incbin;  ///< of groups of constants that have no format of their own
  /// The options that the kernels are compiled with; nothing: default_profile().
  std::optional<KernelProfile> kernel_profile;
  /// Each kernel is a unit of compilation, not each set of kernels with the same options.
  bool separate_kernels = false;
  std::optional<Target> target;  ///< adds the firmware of this target
  std::vector<Sample> samples;   ///< for the firmware; needs a target
  /// Adds a self-test: the first of these samples, as many as fit 32 KiB, and what each operator puts out for them.
  std::vector<Sample> self_test;
  std::string self_test_table;  ///< what the emitted self_test/record.cmake wrote; empty: not recorded yet
  Budget budget;                ///< ticks need a target that is emulated
  BuildSystem build_system = BuildSystem::cmake;
  Console console = Console::automatic;                 ///< of the firmware
  Application application = Application::golden_check;  ///< of the firmware; samples are for golden_check
  bool time_kernels = false;  ///< the firmware reports the time of each kernel, too; needs a target
};

/// What applications of a device API expect of their inputs: to find them again after a run with TVM's, not with ST's.
constexpr PlanOptions::Inputs default_inputs(EmitOptions::DeviceApi api) noexcept {
  return api == EmitOptions::DeviceApi::tvm ? PlanOptions::Inputs::keep : PlanOptions::Inputs::consume;
}

/// A network with its plan.
struct PlannedNetwork {
  NetworkDescriptor network;
  MemoryPlan plan;
};

/// From a network and its plan to C, up to a whole firmware project: step 5.
class ProjectEmitter {
 public:
  /// Emits the network. Fails with invalid_plan when the plan does not hold for the network, does_not_fit when the
  /// target's memories are too small, bad_option for samples of the wrong number or size and for a
  /// profile that is of another network.
  static Result<SourceTree> emit(const NetworkDescriptor& network, const MemoryPlan& plan, const EmitOptions& options,
                                 const ProgressCallback& progress = {});

  /// Emits several networks into one tree, over one runtime; each is called as options.names says, or
  /// <options.name>_<its module's name>, and has arenas of its own. bad_option when two of them, or two of their
  /// headers, would have one name. Firmware of several runs the golden check of each in turn; its other applications,
  /// self-tests, times of kernels and weights at addresses are for one network.
  static Result<SourceTree> emit_all(const std::vector<PlannedNetwork>& networks, const EmitOptions& options,
                                     const ProgressCallback& progress = {});

  /// The same by the plan of an image: the networks of a group have one arena, which the first of them defines. Fails
  /// with invalid_plan when the plan does not hold for the networks.
  static Result<SourceTree> emit_image(const std::vector<NetworkDescriptor>& networks, const ImagePlan& plan,
                                       const EmitOptions& options, const ProgressCallback& progress = {});
};

}  // namespace v1
}  // namespace stm32tvm
