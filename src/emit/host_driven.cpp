// SPDX-License-Identifier: Apache-2.0
// The firmware is templates, the RPC server of runtime_c and the archive's own sources; its build is a loop over them.
#include "stm32tvm/host_driven.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "emit/c_writer.hpp"
#include "emit/firmware.hpp"
#include "emit/template.hpp"
#include "emit/uart.hpp"
#include "stm32tvm/version.hpp"
#include "support/embedded_files.hpp"
#include "support/source_name.hpp"
#include "support/try.hpp"

namespace stm32tvm {
inline namespace v1 {
namespace {

std::string_view file_name(const Archive::Member& member) {
  return std::string_view(member.path).substr(member.path.rfind('/') + 1);
}

bool contains(const Module& module, std::string_view text) {
  return std::ranges::any_of(module.sources, [&](const Archive::Member& source) {
    return source.contents.view().find(text) != std::string_view::npos;
  });
}

Result<const Module*> find_module(const ModelLibrary& library, const std::string& name) {
  const auto& modules = library.modules();
  if (name.empty() && modules.size() == 1) {
    return &modules.front();
  }
  const auto found = std::ranges::find(modules, name, &Module::name);
  if (found == modules.end()) {
    std::vector<std::string> names;
    names.reserve(modules.size());
    for (const Module& module : modules) {
      names.push_back(module.name);
    }
    return Error{ErrorCode::bad_option,
                 fmt::format("host-driven firmware is for one module; name one of {}", fmt::join(names, ", ")), name};
  }
  return &*found;
}

/// The archive's tables are there, and what they call has the form that they say.
Result<void> check_module(const Module& module, const HostDrivenOptions& options) {
  if (!contains(module, "TVMSystemLibEntryPoint")) {
    return Error{
        ErrorCode::bad_source,
        "the archive has no table of its functions (TVMSystemLibEntryPoint), through which a host drives them; "
        "export it with Runtime(\"crt\", {\"system-lib\": True})",
        module.name};
  }
  if (module.executor == Executor::ahead_of_time && !contains(module, "_get_c_metadata")) {
    return Error{ErrorCode::bad_source,
                 "the ahead-of-time module was exported with interface-api c, and a host drives only one of the packed "
                 "interface; export it with Executor(\"aot\", {\"interface-api\": \"packed\"})",
                 module.name};
  }
  for (const Archive::Member& source : module.sources) {
    if (!is_safe_source_name(file_name(source)) || !file_name(source).ends_with(".c")) {
      return Error{ErrorCode::bad_source, "a source of host-driven firmware must be C, with a name ending in .c",
                   source.path};
    }
  }
  if (contains(module, "arm_nnfunctions.h") && options.include_folders.empty()) {
    return Error{ErrorCode::missing_member,
                 "the archive calls CMSIS-NN, which is not in it; say where it is (cmsis_path)", module.name};
  }
  return {};
}

/// One source of the build.
struct Source {
  std::string path;
  bool ours = true;
};

Result<void> add_archive(const Module& module, SourceTree& tree, std::vector<Source>& sources,
                         std::vector<std::string>& objects) {
  for (const Archive::Member& source : module.sources) {
    sources.push_back({fmt::format("model/{}", file_name(source)), false});
    STM32TVM_CHECK(tree.add(sources.back().path, source.contents));
  }
  for (const Archive::Member& header : module.headers) {
    STM32TVM_CHECK(tree.add(fmt::format("model/{}", file_name(header)), header.contents));
  }
  for (const Archive::Member& object : module.objects) {
    objects.push_back(fmt::format("model/{}", file_name(object)));
    STM32TVM_CHECK(tree.add(objects.back(), object.contents));
  }
  return {};
}

Result<void> add_runtime(SourceTree& tree, std::vector<Source>& sources) {
  for (std::size_t i = 0; i < embedded::table_size; ++i) {
    const std::string_view path = embedded::table[i].path;
    if (!path.starts_with("runtime_c/include/") && !path.starts_with("runtime_c/rpc/")) {
      continue;
    }
    const std::string name = "runtime/" + std::string(path.substr(std::string_view("runtime_c/").size()));
    STM32TVM_CHECK(tree.add(name, Bytes(nullptr, embedded::file(path))));
    if (name.ends_with(".c")) {
      sources.push_back({name});
    }
  }
  return {};
}

Result<void> add_firmware(const HostDrivenOptions& options, SourceTree& tree, std::vector<Source>& sources) {
  const Target& target = options.target;
  STM32TVM_TRY(settings, serial_settings(target));
  struct File {
    const char* name_of_template;
    TemplateValues values = {};
  };
  const std::vector<File> files = {
      {"host_driven/main.c",
       {{"FLASH_ADDRESS", fmt::format("0x{:08x}", target.flash().address)},
        {"FLASH_BYTES", std::to_string(target.flash().size_bytes)}}},
      {"host_driven/memory.ld", {{"LEAST_MEMORY", std::to_string(options.memory_bytes)}}},
      {"host_driven/server.h"},
      {"host_driven/console.c"},
      {"host_driven/clock.h"},
      {"host_driven/clock.c"},
      {"host_driven/serial_port.h"},
      {"host_driven/serial_port.c"},
      {"host_driven/serial_settings.h", settings},
      {"firmware/console.h"},
      {"firmware/ticks.h",
       {{"SYSTICK_HZ", std::to_string(target.systick_hz)}, {"EMULATED", target.qemu_machine.empty() ? "0" : "1"}}},
      {"firmware/ticks.c"},
      {"firmware/startup.c",
       {{"INTERRUPTS", std::to_string(target.interrupts)},
        {"CORE_HAS_CACHES", has_caches(target) ? "1" : "0"},
        {"WEIGHTS_PROTECTION", ""},
        {"KERNELS_ARE_COPIED", "0"}}},
      {"firmware/linker.ld",
       {{"MEMORY_LINES", memory_lines(target)},
        {"MEMORY_SECTIONS", memory_sections(target)},
        {"KERNELS_HEADERS", ""},
        {"VECTORS_HEADER", "code"},
        {"KERNELS_SECTION", ""},
        {"WEIGHTS_MEMORIES", ""},
        {"WEIGHTS_HEADERS", ""},
        {"WEIGHTS_SECTIONS", ""},
        {"STACK_BYTES", std::to_string(options.stack_bytes)}}}};
  for (const File& file : files) {
    STM32TVM_TRY(text, fill_template(file.name_of_template, file.values));
    const std::string path = fmt::format(
        "firmware/{}",
        std::string_view(file.name_of_template).substr(std::string_view(file.name_of_template).rfind('/') + 1));
    STM32TVM_CHECK(tree.add(path, text));
    if (path.ends_with(".c")) {
      sources.push_back({path});
    }
  }
  return {};
}

/// A path or an option as a word of a command in Ninja's language and the shell's.
Result<std::string> ninja_word(const std::string& text) {
  std::string result = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\n' || c == '\0') {
      return Error{ErrorCode::bad_option, "a path or an option of the build has a quote or a line end in it", text};
    }
    result += c == '$' ? "$$" : std::string(1, c);
  }
  return result + "'";
}

Result<std::string> ninja_words(const std::vector<std::string>& texts, std::string_view prefix) {
  std::string result;
  for (const std::string& text : texts) {
    STM32TVM_TRY(word, ninja_word(std::string(prefix) + text));
    result += " " + word;
  }
  return result;
}

/// A path as Ninja reads one.
std::string ninja_path(std::string_view path) {
  std::string result;
  for (const char c : path) {
    result += c == '$' || c == ' ' || c == ':' ? std::string{'$', c} : std::string(1, c);
  }
  return result;
}

Result<std::string> build_file(const HostDrivenOptions& options, const std::vector<Source>& sources,
                               const std::vector<std::string>& archive_objects) {
  STM32TVM_TRY(kernel_options, ninja_words(options.kernel_options, ""));
  STM32TVM_TRY(include_folders, ninja_words(options.include_folders, "-I"));
  STM32TVM_TRY(text,
               fill_template("host_driven/build.ninja", {{"VERSION", STM32TVM_VERSION},
                                                         {"TARGET", options.target.name},
                                                         {"CORE_FLAGS", core_flags(options.target)},
                                                         {"ERROR_FLAG", options.warnings_as_errors ? " -Werror" : ""},
                                                         {"KERNEL_OPTIONS", include_folders + kernel_options}}));
  CWriter out;
  out.lines(text).blank();
  std::string objects;
  const auto build = [&](std::string_view object, std::string_view rule, std::string_view source) {
    out.line("build {}: {} {}", object, rule, source);
    objects += fmt::format(" {}", object);
  };
  for (const Source& source : sources) {
    build(fmt::format("build/{}.o", source.path), source.ours ? "compile" : "compile_kernels", source.path);
  }
  for (std::size_t i = 0; i < options.sources.size(); ++i) {
    build(fmt::format("build/library_{}.o", i), "compile_kernels", ninja_path(options.sources[i]));
  }
  for (const std::string& object : archive_objects) {
    objects += " " + object;
  }
  out.blank().line("build build/firmware.elf: link{} firmware/memory.ld | firmware/linker.ld", objects);
  return out.text();
}

}  // namespace

Result<SourceTree> emit_host_driven(const ModelLibrary& library, const std::string& module,
                                    const HostDrivenOptions& options) {
  STM32TVM_TRY(found, find_module(library, module));
  STM32TVM_CHECK(check_module(*found, options));
  SourceTree tree;
  std::vector<Source> sources;
  std::vector<std::string> objects;
  STM32TVM_CHECK(add_archive(*found, tree, sources, objects));
  STM32TVM_CHECK(add_runtime(tree, sources));
  STM32TVM_CHECK(add_firmware(options, tree, sources));
  STM32TVM_TRY(build, build_file(options, sources, objects));
  STM32TVM_CHECK(tree.add("build.ninja", build));
  return tree;
}

}  // namespace v1
}  // namespace stm32tvm
