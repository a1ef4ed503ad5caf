// SPDX-License-Identifier: Apache-2.0
#include "project_type.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <system_error>

#include "project_folder.hpp"
#include "support/try.hpp"

namespace stm32tvm::project_api {
namespace {

namespace fs = std::filesystem;
using Application = EmitOptions::Application;

/// CMSIS-NN in a folder of the user's: CMSIS 5, CMSIS 6 or CMSIS-NN by itself.
Result<void> add_cmsis(const fs::path& path, HostDrivenOptions& options) {
  for (const char* const place : {"", "CMSIS/NN", "CMSIS-NN", "NN"}) {
    const fs::path root = path / place;
    std::error_code error;
    if (!fs::exists(root / "Include/arm_nnfunctions.h", error)) {
      continue;
    }
    options.include_folders.push_back(root / "Include");
    for (const char* const include : {"CMSIS/Core/Include", "CMSIS/DSP/Include", "Core/Include", "DSP/Include"}) {
      if (fs::is_directory(path / include, error)) {
        options.include_folders.push_back(path / include);
      }
    }
    for (const auto& entry : fs::recursive_directory_iterator(root / "Source", error)) {
      if (entry.path().extension() == ".c") {
        options.sources.push_back(entry.path());
      }
    }
    std::ranges::sort(options.sources);
    return {};
  }
  return Error{
      ErrorCode::bad_option,
      "the folder has no Include/arm_nnfunctions.h, here or in CMSIS/NN; name the folder of CMSIS (cmsis_path)",
      path.string()};
}

Result<SourceTree> emit_host_driven(const ModelLibrary& library, const Target& target, const Options& options,
                                    std::string_view) {
  HostDrivenOptions emitted;
  emitted.target = target;
  constexpr std::int64_t stack_default = 4096;
  emitted.stack_bytes =
      (static_cast<std::uint64_t>(options.number("config_main_stack_size", stack_default)) + 7) / 8 * 8;
  emitted.memory_bytes = static_cast<std::uint64_t>(options.number("workspace_size_bytes", 0));
  emitted.kernel_options = options.words("compile_definitions");
  emitted.warnings_as_errors = options.flag("warning_as_error");
  if (const std::string cmsis = options.text("cmsis_path"); !cmsis.empty()) {
    STM32TVM_CHECK(add_cmsis(cmsis, emitted));
  }
  return stm32tvm::emit_host_driven(library, {}, emitted);
}

/// The firmware of an application around the archive's network.
template <Application application>
Result<SourceTree> emit_application(const ModelLibrary& library, const Target& target, const Options& options,
                                    std::string_view recorded) {
  STM32TVM_TRY(network, library.network());
  STM32TVM_TRY(plan, MemoryPlan::make(network));
  EmitOptions emitted;
  emitted.target = target;
  emitted.application = application;
  emitted.self_test_table = recorded;
  if (const std::string folder = options.text("samples"); !folder.empty()) {
    STM32TVM_TRY(samples, read_samples(folder, network));
    (application == Application::self_test ? emitted.self_test : emitted.samples) = std::move(samples);
  }
  return ProjectEmitter::emit(network, plan, emitted);
}

const Command serial_line = {"-icount", "shift=3,sleep=off", "-chardev", "socket,id=line,fd=3",
                             "-serial", "chardev:line"};
const Command console_line = {"-icount",
                              "shift=0",
                              "-serial",
                              "null",
                              "-chardev",
                              "socket,id=line,fd=3",
                              "-semihosting-config",
                              "enable=on,target=native,chardev=line"};
constexpr const char* application_program = "build/firmware/network_firmware.elf";
const std::vector<Command> ninja = {{"ninja"}};
const std::vector<Command> cmake = {{"cmake", "-G", "Ninja", "-S", ".", "-B", "build"}, {"cmake", "--build", "build"}};

}  // namespace

const std::vector<ProjectType>& project_types() {
  static const std::vector<ProjectType> types = {
      {"host_driven", emit_host_driven, ninja, "build/firmware.elf", serial_line},
      {"minimal", emit_application<Application::minimal>, cmake, application_program, console_line},
      {"performance", emit_application<Application::performance>, cmake, application_program, console_line},
      {"validation", emit_application<Application::validation>, cmake, application_program, serial_line},
      {"self-test",
       emit_application<Application::self_test>,
       cmake,
       application_program,
       console_line,
       {"cmake", "-P", "self_test/record.cmake"},
       "self_test/table.txt"}};
  return types;
}

std::vector<std::string> project_type_names() {
  std::vector<std::string> names;
  names.reserve(project_types().size());
  for (const ProjectType& type : project_types()) {
    names.emplace_back(type.name);
  }
  return names;
}

Result<const ProjectType*> find_project_type(const std::string& name) {
  const auto& types = project_types();
  const auto found = std::ranges::find(types, name, &ProjectType::name);
  if (found == types.end()) {
    return Error{ErrorCode::bad_option,
                 fmt::format("there is no project type \"{}\"; there are {}", name.substr(0, 100),
                             fmt::join(project_type_names(), ", ")),
                 {}};
  }
  return &*found;
}

}  // namespace stm32tvm::project_api
