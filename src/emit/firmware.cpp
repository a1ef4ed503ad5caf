// SPDX-License-Identifier: Apache-2.0
// The firmware around an application: all templates.
#include "emit/firmware.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "emit/applications.hpp"
#include "emit/c_writer.hpp"
#include "emit/kernel_times.hpp"
#include "emit/kernels_memory.hpp"
#include "emit/memories_script.hpp"
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
  const bool is_uart = console == EmitOptions::Console::uart;
  if (is_uart) {
    STM32TVM_CHECK(add_serial_port(target, tree, sources));
  }
  STM32TVM_TRY(text, fill_template(is_uart ? "firmware/console_uart.c" : "firmware/console_semihosting.c", {}));
  sources.push_back({"firmware/console_port.c"});
  return tree.add(sources.back().path, text);
}

/// Lets the core read blocks of weights at an address: for each the smallest region that there can be around it.
Result<std::string> weights_protection(const std::vector<WeightsBlock>& blocks) {
  constexpr std::uint64_t external_start = 0x60000000;  // below, startup.c protects nothing
  constexpr unsigned first_region = 2;
  constexpr unsigned regions = 8;
  std::string text;
  unsigned region = first_region;
  for (const WeightsBlock& block : blocks) {
    const std::uint64_t start = block.group.address.value_or(0);
    if (start < external_start) {
      continue;
    }
    if (region == regions) {
      return Error{ErrorCode::bad_option,
                   fmt::format("weights at {} addresses are more than the core's memory protection can tell apart; put "
                               "them into fewer groups",
                               regions - first_region + 1),
                   "placement"};
    }
    unsigned logarithm = 5;
    while (start >> logarithm != (start + block.bytes - 1) >> logarithm) {
      ++logarithm;
    }
    text += fmt::format(
        "  /* Weights group \"{}\". */\n  PROTECTION_REGION = {};\n  PROTECTION_ADDRESS = 0x{:08x}u;\n"
        "  PROTECTION_ATTRIBUTES = READ_ONLY({}u);\n",
        block.group.name, region++, start >> logarithm << logarithm, logarithm);
  }
  return text;
}

/// Adds fetch_weights.c where weights are fetched: from addresses, until the application's driver takes its place.
Result<void> add_fetching(const NetworkLayout& layout, SourceTree& tree, std::vector<BuildSource>& sources) {
  CWriter out;
  out.lines("/* SPDX-License-Identifier: Apache-2.0 */\n");
  out.line("/* Reads weights out of storage that is mapped into memory. Where yours is not, put its driver here. */");
  out.line("#include <string.h>").blank().line("#include \"{}_data.h\"", layout.name);
  bool is_needed = false;
  for (std::size_t i = 0; i < layout.blocks.size(); ++i) {
    const WeightsBlock& block = layout.blocks[i];
    if (block.has_data()) {
      continue;
    }
    if (!block.group.address) {
      return Error{ErrorCode::bad_option,
                   fmt::format("weights group \"{}\" is fetched, and the firmware does not know from where; give the "
                               "group an address, or emit without a target",
                               block.group.name),
                   "placement"};
    }
    is_needed = true;
    out.blank().open("int32_t {}(uint32_t offset, void* to, uint32_t bytes) {{", layout.fetch_function(i));
    out.line("memcpy(to, (const uint8_t*)0x{:08x} + offset, bytes);", *block.group.address);
    out.line("return 0;").close("}");
  }
  if (!is_needed) {
    return {};
  }
  sources.push_back({"firmware/fetch_weights.c"});
  return tree.add(sources.back().path, out.text());
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
    if (memory.name != "FLASH" && memory.name != "RAM") {
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
  const std::uint64_t beside_arena =
      stack_bytes(layout.network) + stack_guard_bytes + needs.context_bytes + needs.copied_weights_bytes;
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
  if (needs.flash_bytes() > flash.size_bytes) {
    return does_not_fit(target, flash.name, flash.size_bytes,
                        fmt::format("the network needs {} bytes for weights and tables alone, {} more than there are; "
                                    "take a target with more flash, a smaller network, or other places for weights",
                                    needs.flash_bytes(), needs.flash_bytes() - flash.size_bytes));
  }
  return {};
}

Result<void> check_image_fit(const std::deque<NetworkLayout>& layouts, const Target& target) {
  std::map<std::string, std::uint64_t> taken;  // by memory
  std::uint64_t stack = 0;
  for (const NetworkLayout& layout : layouts) {
    const MemoryNeeds needs = memory_needs(layout.network, layout.plan);
    for (std::size_t i = 0; i < layout.plan.pools.size(); ++i) {
      const PlannedPool& pool = layout.plan.pools[i];
      const bool is_elsewhere = layout.arena_section(i) == fmt::format(".nn_data.{}", pool.name);
      taken[is_elsewhere ? pool.name : target.ram().name] += layout.defined_arena_bytes(i);
    }
    taken[target.ram().name] += needs.context_bytes + needs.copied_weights_bytes;
    taken[target.flash().name] += needs.flash_bytes();
    stack = std::max(stack, stack_bytes(layout.network));
  }
  taken[target.ram().name] += stack + stack_guard_bytes;
  for (const TargetMemory& memory : target.memories) {
    if (taken[memory.name] > memory.size_bytes) {
      return does_not_fit(
          target, memory.name, memory.size_bytes,
          fmt::format("the networks take {} bytes together, {} more than there are; take a larger target "
                      "or fewer networks, or share one arena where they never run at the same time",
                      taken[memory.name], taken[memory.name] - memory.size_bytes));
    }
  }
  return {};
}

Result<FirmwareBuild> emit_firmware(const std::deque<NetworkLayout>& layouts, const std::string& name,
                                    const EmitOptions& options, SourceTree& tree) {
  const Target& target = *options.target;
  const NetworkLayout& layout = layouts.front();  // of several networks none has weights at an address
  std::uint64_t stack = 0;
  for (const NetworkLayout& each : layouts) {
    stack = std::max(stack, stack_bytes(each.network));
  }
  STM32TVM_TRY(protection, weights_protection(layout.blocks));
  STM32TVM_TRY(kernels, kernels_memory(layout, options.kernel_profile.value_or(KernelProfile{}), target));
  WeightsRegions weights = weights_regions(layout.blocks, options.weights, true);
  if (!weights.sections.empty()) {
    weights.sections = "  /* Weights at addresses of their own. */\n" + weights.sections + "\n";
  }
  struct File {
    const char* path;
    const char* name_of_template;
    TemplateValues values = {};
  };
  const std::vector<File> files = {
      {"firmware/startup.c",
       "firmware/startup.c",
       {{"INTERRUPTS", std::to_string(target.interrupts)},
        {"CORE_HAS_CACHES", has_caches(target) ? "1" : "0"},
        {"WEIGHTS_PROTECTION", protection},
        {"KERNELS_ARE_COPIED", kernels.section.empty() ? "0" : "1"}}},
      {"firmware/linker.ld",
       "firmware/linker.ld",
       {{"MEMORY_LINES", memory_lines(target)},
        {"MEMORY_SECTIONS", memory_sections(target)},
        {"KERNELS_HEADERS", kernels.headers},
        {"VECTORS_HEADER", kernels.headers.empty() ? "code" : "vectors"},
        {"KERNELS_SECTION", kernels.section},
        {"WEIGHTS_MEMORIES", weights.memories},
        {"WEIGHTS_HEADERS", weights.headers},
        {"WEIGHTS_SECTIONS", weights.sections},
        {"STACK_BYTES", std::to_string(stack)}}},
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
  for (const NetworkLayout& each : layouts) {
    STM32TVM_CHECK(add_fetching(each, tree, sources));
  }
  STM32TVM_CHECK(add_application(layouts, options, tree, sources));
  STM32TVM_TRY(console, console_of(target, options.console));
  STM32TVM_CHECK(add_console_port(target, console, tree, sources));
  // Small rather than fast: the time goes into the network.
  std::vector<std::string> compile_options = {"-Os"};
  for (const auto* more : {&section_options, &warning_options}) {
    compile_options.insert(compile_options.end(), more->begin(), more->end());
  }
  std::vector<std::string> link_options = {"--specs=nano.specs", "-nostartfiles", "-Wl,--gc-sections"};
  if (options.time_kernels) {
    STM32TVM_CHECK(tree.add("firmware/kernel_times.c", emit_kernel_times(layout)));
    sources.push_back({"firmware/kernel_times.c"});
    const std::vector<std::string> wraps = kernel_times_link_options(layout);
    link_options.insert(link_options.end(), wraps.begin(), wraps.end());
  }
  return FirmwareBuild{.target = target,
                       .unit = {.name = name + "_firmware",
                                .folder = "firmware",
                                .sources = sources,
                                .include_folders = {"firmware"},
                                .options = compile_options},
                       .application = "firmware/main.c",
                       .linker_script = "firmware/linker.ld",
                       .link_options = link_options,
                       .compiler = stm32tvm::name(options.kernel_profile.value_or(KernelProfile{}).compiler)};
}

}  // namespace stm32tvm
