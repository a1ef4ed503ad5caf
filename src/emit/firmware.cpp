// SPDX-License-Identifier: Apache-2.0
// The firmware around an application: all templates.
#include "emit/firmware.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "emit/applications.hpp"
#include "emit/template.hpp"
#include "emit/uart.hpp"
#include "stm32tvm/memory_needs.hpp"
#include "support/try.hpp"

namespace stm32tvm {
namespace {

/// What calls, interrupts and libm take of the stack beside the kernels' local arrays.
constexpr std::uint64_t stack_allowance_bytes = 2048;

/// The guard below the stack, aligned to its own size: linker.ld.
constexpr std::uint64_t stack_guard_bytes = 256 + 255;

std::uint64_t stack_bytes(const NetworkDescriptor& network) {
  std::uint64_t most = 0;
  for (const Operator& call : network.operators) {
    // No target has 4 GiB; the sum below must not wrap.
    most = std::clamp<std::uint64_t>(call.stack_bytes, most, UINT32_MAX);
  }
  return (most + stack_allowance_bytes + 7) / 8 * 8;
}

/// The console's port as the options and the board have it.
Result<EmitOptions::Console> console_of(const Target& target, EmitOptions::Console wanted) {
  const bool has_uart = target.console.registers != TargetConsole::Registers::none;
  // A machine that is emulated passes the exit status on to who started it.
  if (wanted == EmitOptions::Console::automatic) {
    return has_uart && target.qemu_machine.empty() ? EmitOptions::Console::uart : EmitOptions::Console::semihosting;
  }
  if (wanted == EmitOptions::Console::uart && !has_uart) {
    return Error{ErrorCode::bad_option,
                 "the registers of a serial port of this board are not known; take another console, or describe the "
                 "board's own in a table of boards",
                 target.name};
  }
  return wanted;
}

/// Adds console_port.c, unless the application has one.
Result<void> add_console_port(const Target& target, EmitOptions::Console console, SourceTree& tree,
                              std::vector<BuildSource>& sources) {
  if (console == EmitOptions::Console::application) {
    return {};
  }
  STM32TVM_TRY(text, console == EmitOptions::Console::uart
                         ? fill_template("firmware/console_uart.c", sending_uart(target))
                         : fill_template("firmware/console_semihosting.c", {}));
  sources.push_back({"firmware/console_port.c"});
  return tree.add(sources.back().path, text);
}

Error does_not_fit(const Target& target, std::string_view memory, std::uint64_t size, std::string message) {
  return Error{ErrorCode::does_not_fit, std::move(message),
               fmt::format("{}, {} bytes of {}", target.name, size, memory)};
}

}  // namespace

std::string memory_lines(const Target& target) {
  std::vector<std::string> lines;
  for (const TargetMemory& memory : target.memories) {
    lines.push_back(fmt::format("  {} ({}) : ORIGIN = 0x{:08x}, LENGTH = 0x{:08x}", memory.name,
                                memory.executable ? "rx" : "rw", memory.address, memory.size_bytes));
  }
  return fmt::format("{}", fmt::join(lines, "\n"));
}

std::string memory_sections(const Target& target) {
  std::string text;
  for (const TargetMemory& memory : target.memories) {
    if (!memory.executable && memory.name != "RAM") {
      text += fmt::format(
          "  /* Neither loaded nor zeroed{1}. */\n"
          "  .noinit.{0} (NOLOAD) :\n"
          "  {{\n"
          "    *(.bss.noinit.tvm.{0} .bss.noinit.tvm.{0}.*)\n"
          "    *(.nn_data.{0} .nn_data.{0}.*)\n"
          "  }} > {0} :NONE\n\n",
          memory.name, memory.needs_setup ? "; board_setup() makes the memory work" : "");
    }
  }
  return text;
}

bool has_caches(const Target& target) {
  return target.core == "cortex-m7" || target.core == "cortex-m55";
}

Result<void> check_fit(const NetworkLayout& layout, const Target& target) {
  const MemoryNeeds needs = memory_needs(layout.network, layout.plan);
  const TargetMemory& ram = target.ram();
  std::uint64_t arena_bytes = needs.arena_bytes;  // in RAM
  for (std::size_t i = 0; i < layout.plan.pools.size(); ++i) {
    const PlannedPool& pool = layout.plan.pools[i];
    if (layout.arena_section(i) != fmt::format(".nn_data.{}", pool.name)) {
      continue;
    }
    const auto memory = std::ranges::find(target.memories, pool.name, &TargetMemory::name);
    if (memory == target.memories.end()) {
      return Error{ErrorCode::bad_option,
                   fmt::format("pool {} is no memory of the target; call pools RAM and as the target's other memories",
                               pool.name),
                   target.name};
    }
    if (pool.bytes > memory->size_bytes) {
      return does_not_fit(
          target, pool.name, memory->size_bytes,
          fmt::format("the plan takes {} bytes, {} more than there are; give the pool the memory's size", pool.bytes,
                      pool.bytes - memory->size_bytes));
    }
    arena_bytes -= pool.bytes;
  }
  const std::uint64_t beside_arena = stack_bytes(layout.network) + stack_guard_bytes + needs.context_bytes;
  if (arena_bytes + beside_arena > ram.size_bytes && layout.plan.pools.size() > 1) {
    return does_not_fit(
        target, ram.name, ram.size_bytes,
        fmt::format("the arena's {} bytes and {} for the stack and the descriptors are {} more than there "
                    "are; give pool RAM a smaller size",
                    arena_bytes, beside_arena, arena_bytes + beside_arena - ram.size_bytes));
  }
  if (arena_bytes + beside_arena > ram.size_bytes) {
    PlanOptions options = layout.plan.options;
    options.pools.back().size_bytes = ram.size_bytes - std::min(ram.size_bytes, beside_arena);
    const auto smaller = MemoryPlan::make(layout.network, options);
    const std::string why =
        smaller ? fmt::format("the plan takes {} bytes, and one of {} is possible; plan with the target's size",
                              needs.arena_bytes, smaller->bytes())
                : smaller.error().message;
    return does_not_fit(target, ram.name, ram.size_bytes,
                        fmt::format("{} ({} bytes of it are for the stack and the descriptors)", why, beside_arena));
  }
  const TargetMemory& flash = target.flash();
  if (needs.weights_bytes + needs.tables_bytes > flash.size_bytes) {
    return does_not_fit(target, flash.name, flash.size_bytes,
                        fmt::format("the network needs {} bytes for weights and tables alone, {} more than there are; "
                                    "take a target with more flash or a smaller network",
                                    needs.weights_bytes + needs.tables_bytes,
                                    needs.weights_bytes + needs.tables_bytes - flash.size_bytes));
  }
  return {};
}

Result<FirmwareBuild> emit_firmware(const NetworkLayout& layout, const EmitOptions& options, SourceTree& tree) {
  const Target& target = *options.target;
  const std::string name = layout.name.text();
  struct File {
    const char* path;
    const char* name_of_template;
    TemplateValues values = {};
  };
  const std::vector<File> files = {
      {"firmware/startup.c",
       "firmware/startup.c",
       {{"INTERRUPTS", std::to_string(target.interrupts)}, {"CORE_HAS_CACHES", has_caches(target) ? "1" : "0"}}},
      {"firmware/linker.ld",
       "firmware/linker.ld",
       {{"MEMORY_LINES", memory_lines(target)},
        {"MEMORY_SECTIONS", memory_sections(target)},
        {"STACK_BYTES", std::to_string(stack_bytes(layout.network))}}},
      {"firmware/ticks.h",
       "firmware/ticks.h",
       {{"SYSTICK_HZ", std::to_string(target.systick_hz)}, {"EMULATED", target.qemu_machine.empty() ? "0" : "1"}}},
      {"firmware/ticks.c", "firmware/ticks.c", {}},
      {"firmware/stack.cmake", "firmware/stack.cmake", {}},
      {"firmware/console.h", "firmware/console.h", {}},
      {"firmware/console.c", "firmware/console.c", {}},
      {"firmware/console_port.h", "firmware/console_port.h", {}}};
  for (const File& file : files) {
    STM32TVM_TRY(text, fill_template(file.name_of_template, file.values));
    STM32TVM_CHECK(tree.add(file.path, text));
  }
  std::vector<BuildSource> sources = {{"firmware/console.c"}, {"firmware/startup.c"}, {"firmware/ticks.c"}};
  STM32TVM_CHECK(add_application(layout, options, tree, sources));
  STM32TVM_TRY(console, console_of(target, options.console));
  STM32TVM_CHECK(add_console_port(target, console, tree, sources));
  // Small rather than fast: the time goes into the network.
  std::vector<std::string> compile_options = {"-Os"};
  for (const auto* more : {&section_options, &warning_options}) {
    compile_options.insert(compile_options.end(), more->begin(), more->end());
  }
  return FirmwareBuild{.target = target,
                       .unit = {.name = name + "_firmware",
                                .folder = "firmware",
                                .sources = sources,
                                .include_folders = {"firmware"},
                                .options = compile_options},
                       .application = "firmware/main.c",
                       .linker_script = "firmware/linker.ld",
                       .link_options = {"--specs=nano.specs", "-nostartfiles", "-Wl,--gc-sections"}};
}

}  // namespace stm32tvm
