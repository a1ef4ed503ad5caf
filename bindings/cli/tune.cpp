// SPDX-License-Identifier: Apache-2.0
// stm32tvm tune: measures each kernel under several sets of compiler options and picks the fastest that fit.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>

#include <nlohmann/json.hpp>

#include "board.hpp"
#include "commands.hpp"
#include "kernel_run.hpp"
#include "process.hpp"
#include "support/try.hpp"
#include "transport.hpp"
#include "write_file.hpp"

namespace stm32tvm::cli {
namespace {

using Json = nlohmann::ordered_json;

struct TuneArguments {
  ModelArguments model;
  std::string target = "mps2-an500";
  std::filesystem::path samples;  ///< empty: inputs of zeros, nothing checked
  std::filesystem::path output;
  std::filesystem::path work;  ///< empty: beside the output
  std::string runner;          ///< a program; empty: by `where`
  enum class Where { automatic, board, emulator };
  Where where = Where::automatic;
  std::filesystem::path port;       ///< the board's serial port; empty: found
  std::vector<Compiler> compilers;  ///< empty: all that are installed
  double flash_percent = 15;
};

/// The best of one compiler.
struct Tuned {
  KernelProfile profile;
  Run run;
  Run plain;          ///< with the first candidate
  std::string place;  ///< where it was measured
};

class Tuner {
 public:
  Tuner(const TuneArguments& arguments, const NetworkDescriptor& network, const MemoryPlan& plan, Compiler compiler)
      : arguments_(arguments), network_(network), plan_(plan), compiler_(compiler) {
    for (const Operator& call : network.operators) {
      if (call.kind == Operator::Kind::kernel &&
          std::find(kernels_.begin(), kernels_.end(), call.kernel) == kernels_.end()) {
        kernels_.push_back(call.kernel);
      }
    }
  }

  /// Within this flash for the kernels, or, where it is not known yet, within what --flash allows. Sets it.
  Result<Tuned> run(std::optional<std::uint64_t>& flash_bytes) {
    STM32TVM_CHECK(prepare());
    TuningTable table{kernels_, tuning_candidates(compiler_), {}};
    std::vector<Run> runs;
    for (std::size_t i = 0; i < table.candidates.size(); ++i) {
      STM32TVM_TRY(measured, measure({table.candidates[i], {}, compiler_, edits_}));
      table.costs.push_back(measured.kernels);
      runs.push_back(measured);
    }
    const std::uint64_t limit = flash_bytes.value_or(flash_limit(table));
    flash_bytes = limit;
    STM32TVM_TRY(choice, choose_options(table, limit));
    KernelProfile profile = profile_of(table, choice);
    profile.compiler = compiler_;
    profile.edits = edits_;
    STM32TVM_TRY(tuned, measure(profile));
    const std::optional<std::size_t> single = best_single(runs, limit);
    if (single && runs[*single].ticks < tuned.ticks) {
      // What kernels cost in one image is not always what they cost in another.
      profile = {table.candidates[*single], {}, compiler_, edits_};
      tuned = runs[*single];
      std::fill(choice.candidates.begin(), choice.candidates.end(), *single);
    }
    fmt::print("{}, measured {}; at most {} bytes of kernels\n", name(compiler_), place_, grouped(limit));
    print_table(table, choice);
    fmt::print("\n{:>12} ticks, {:>7} bytes of kernels  with {} alone\n", grouped(runs[0].ticks),
               grouped(bytes_of(runs[0])), text(table.candidates[0]));
    if (single) {
      fmt::print("{:>12} ticks, {:>7} bytes of kernels  with {} alone, the best of these\n",
                 grouped(runs[*single].ticks), grouped(bytes_of(runs[*single])), text(table.candidates[*single]));
    }
    STM32TVM_CHECK(try_edits(profile, tuned, limit));
    STM32TVM_CHECK(try_memories(profile, tuned));
    fmt::print("{:>12} ticks, {:>7} bytes of kernels  tuned: {:.3f} of {}\n\n", grouped(tuned.ticks),
               grouped(bytes_of(tuned)), static_cast<double>(tuned.ticks) / static_cast<double>(runs[0].ticks),
               text(table.candidates[0]));
    return Tuned{profile, tuned, runs[0], place_};
  }

 private:
  static std::string text(const CompilerOptions& options) { return fmt::format("{}", fmt::join(options, " ")); }

  /// Turns each edit of the kernels' text over, and keeps what is faster within the limit.
  Result<void> try_edits(KernelProfile& profile, Run& tuned, std::uint64_t limit) {
    for (const auto& [title, edit] :
         {std::pair{"memory types", &KernelEdits::memory_types}, std::pair{"alignment", &KernelEdits::alignment}}) {
      KernelProfile other = profile;
      other.edits.*edit = !(profile.edits.*edit);
      STM32TVM_TRY(run, measure(other));
      const bool wins = run.ticks < tuned.ticks && bytes_of(run) <= limit;
      fmt::print("{:>12} ticks, {:>7} bytes of kernels  {} {}{}\n", grouped(run.ticks), grouped(bytes_of(run)),
                 other.edits.*edit ? "with edits for" : "without edits for", title, wins ? ": kept" : "");
      if (wins) {
        profile = other;
        tuned = run;
      }
    }
    return {};
  }

  /// Kept free for the linker: a memory may be too far from FLASH for a call, and each function there that kernels call
  /// gets a veneer of 8 bytes beside them.
  static constexpr std::uint64_t veneer_bytes = 128;

  /// Has the kernels run from each memory that the target has for them beside FLASH, and keeps what is faster.
  Result<void> try_memories(KernelProfile& profile, Run& tuned) {
    for (const TargetMemory& memory : memories_) {
      KernelProfile other = profile;
      other.memory = memory.name;
      other.in_memory.clear();
      const std::uint64_t bytes = memory.size_bytes - std::min(memory.size_bytes, tuned.shared_bytes + veneer_bytes);
      const auto chosen = choose_for_memory(kernels_, tuned.kernels, bytes);
      if (chosen.empty()) {
        fmt::print("{:>36} no kernel fits the {} bytes of {}\n", "", grouped(memory.size_bytes), memory.name);
        continue;
      }
      if (chosen.size() < kernels_.size()) {
        other.in_memory = chosen;
      }
      auto run = measure(other);
      if (!run && run.error().code == ErrorCode::does_not_fit) {
        fmt::print("{:>36} {} of {} kernels cannot be linked to {}: build {} to see why\n", "", chosen.size(),
                   kernels_.size(), memory.name, (work() / build_folder()).string());
        continue;
      }
      STM32TVM_CHECK(run);
      const bool wins = run->ticks < tuned.ticks;
      fmt::print("{:>12} ticks, {:>7} bytes of kernels  with {} of {} kernels in {}{}\n", grouped(run->ticks),
                 grouped(bytes_of(*run)), chosen.size(), kernels_.size(), memory.name, wins ? ": kept" : "");
      if (wins) {
        profile = other;
        tuned = *std::move(run);
      }
    }
    return {};
  }

  Result<void> prepare() {
    edits_ = default_profile(network_).edits;
    if (kernels_.empty()) {
      return Error{ErrorCode::bad_option, "the network calls no kernels, so there is nothing to tune",
                   arguments_.model.model.string()};
    }
    STM32TVM_TRY(target, find_target(arguments_.target));
    STM32TVM_CHECK(choose_place(target));
    // QEMU counts instructions, and these are as many wherever they are read from.
    if (!port_.empty() || !arguments_.runner.empty()) {
      memories_ = kernel_memories(target);
    }
    measured_ = 0;
    measurements_ = tuning_candidates(compiler_).size() + 3 + memories_.size();
    options_.target = target;
    options_.time_kernels = true;
    options_.separate_kernels = true;
    if (arguments_.samples.empty()) {
      return {};
    }
    STM32TVM_TRY(samples, read_samples(arguments_.samples, network_));
    options_.samples = samples;
    return {};
  }

  /// Says where it measures: with the runner, on the board that is plugged in, or in QEMU.
  Result<void> choose_place(const Target& target) {
    using Where = TuneArguments::Where;
    if (!arguments_.runner.empty()) {
      place_ = "by " + arguments_.runner;
      return {};
    }
    const bool can_be_board = !target.probe.empty() && target.console.registers != TargetConsole::Registers::none;
    if (arguments_.where != Where::emulator && can_be_board) {
      auto port = arguments_.port.empty() ? project_api::find_serial_port({}) : Result(arguments_.port);
      if (port) {
        port_ = *port;
        place_ = fmt::format("on the board at {}", port_.string());
        return {};
      }
      if (arguments_.where == Where::board || target.qemu_machine.empty()) {
        return Error{port.error().code, port.error().message + "; or say with --runner how to run firmware",
                     target.name};
      }
    }
    if (arguments_.where == Where::board) {
      return Error{ErrorCode::bad_option,
                   "nothing is known of a probe and a serial port of this target; say with --runner how to run "
                   "firmware on it, or take a board of stm32tvm boards",
                   target.name};
    }
    if (target.qemu_machine.empty()) {
      return Error{
          ErrorCode::bad_option,
          fmt::format("QEMU does not emulate {}; say with --runner how to run firmware on it, or take a target "
                      "that it emulates",
                      target.name),
          {}};
    }
    place_ = "in QEMU, by instructions";
    if (arguments_.where == Where::automatic) {
      if (const auto port = project_api::find_serial_port({})) {
        fmt::print(stderr, "a board is plugged in at {}; name it with --target to measure on it\n", port->string());
      }
    }
    return {};
  }

  /// The flash that the kernels may take: what they and the network's constants and tables take with the first
  /// candidate, and so much per cent of it.
  [[nodiscard]] std::uint64_t flash_limit(const TuningTable& table) const {
    const std::uint64_t kernels = bytes_of({0, table.costs.front()});
    const auto all = static_cast<double>(kernels + memory_needs(network_, plan_).flash_bytes());
    return kernels + static_cast<std::uint64_t>(all * arguments_.flash_percent / 100);
  }

  /// The candidate that is fastest for all kernels alike within the limit.
  static std::optional<std::size_t> best_single(const std::vector<Run>& runs, std::uint64_t limit) {
    std::optional<std::size_t> best;
    for (std::size_t i = 0; i < runs.size(); ++i) {
      if (bytes_of(runs[i]) <= limit && (!best || runs[i].ticks < runs[*best].ticks)) {
        best = i;
      }
    }
    return best;
  }

  Result<Run> measure(const KernelProfile& profile) {
    options_.kernel_profile = profile;
    STM32TVM_TRY(tree, ProjectEmitter::emit(network_, plan_, options_));
    const std::filesystem::path cache = work() / (content_key(tree, place_ + STM32TVM_VERSION) + ".txt");
    const std::string title = profile.kernels.empty() ? text(profile.options) : "the choice";
    ++measured_;
    fmt::print(stderr, "[{:=<{}}{:{}}] {}/{} {}\n", "", measured_, "", measurements_ - measured_, measured_,
               measurements_, title);
    if (auto known = read_run(cache, kernels_.size())) {
      return *std::move(known);
    }
    STM32TVM_CHECK(tree.write_to(work() / "firmware", SourceTree::Edited::replace));
    STM32TVM_TRY(run, build_and_run());
    STM32TVM_CHECK(keep(run, cache));
    return run;
  }

  [[nodiscard]] std::filesystem::path work() const {
    return arguments_.work.empty() ? std::filesystem::path(arguments_.output.string() + ".work") : arguments_.work;
  }

  [[nodiscard]] std::string build_folder() const { return name(compiler_); }

  Result<Run> build_and_run() {
    const std::filesystem::path folder = std::filesystem::absolute(work());
    const Command build{"cmake", {"--build", build_folder()}};
    STM32TVM_CHECK(run_captured(
        {"cmake", {"-G", "Ninja", "-S", "firmware", "-B", build_folder(), "-DCMAKE_BUILD_TYPE=Release"}}, folder));
    const auto built = run_captured(build, folder);
    if (!built && !options_.kernel_profile->memory.empty()) {
      // From FLASH the same kernels were built before.
      return Error{ErrorCode::does_not_fit, built.error().message, options_.kernel_profile->memory};
    }
    STM32TVM_CHECK(built);
    const std::string elf = (folder / build_folder() / "firmware" / "network_firmware.elf").string();
    STM32TVM_TRY(output, run_firmware(folder, elf));
    if (output.find("golden check: failed") != std::string::npos) {
      return Error{ErrorCode::bad_source, "the outputs are wrong; this is a fault of the compiler or of stm32tvm",
                   text(options_.kernel_profile->options)};
    }
    STM32TVM_TRY(symbols, run_captured({"arm-none-eabi-nm", {"-S", "--radix=d", elf}}, folder));
    std::optional<Run> run = read_report(output, kernels_);
    if (!run) {
      return Error{ErrorCode::cannot_read,
                   fmt::format("the firmware did not report the times of all {} kernels; run it by hand to see why",
                               kernels_.size()),
                   (work() / build_folder()).string()};
    }
    add_sizes(*run, symbols, kernels_, network_);
    return *run;
  }

  /// What the firmware says.
  Result<std::string> run_firmware(const std::filesystem::path& folder, const std::string& elf) {
    if (!arguments_.runner.empty()) {
      return run_captured({arguments_.runner, {elf}}, folder);
    }
    if (port_.empty()) {
      return run_captured({"cmake", {"--build", build_folder(), "--target", "run"}}, folder);
    }
    STM32TVM_TRY(project, read_project(folder / "firmware"));
    return run_on_board(project, elf, port_, [this](const std::string& said) {
      return said.find("golden check: failed") != std::string::npos ||
             (said.ends_with('\n') && read_report(said, kernels_).has_value());
    });
  }

  void print_table(const TuningTable& table, const TuningChoice& choice) const {
    fmt::print("{:<22} {:>12} {:>12} {:>6} {:>7} {:>7}  {:<28}  {}\n", "kind", "ticks, -O2", "ticks", "", "bytes",
               "bytes", "why", "options, kernel");
    for (std::size_t i = 0; i < kernels_.size(); ++i) {
      const KernelCost& plain = table.costs[0][i];
      const KernelCost& best = table.costs[choice.candidates[i]][i];
      fmt::print("{:<22} {:>12} {:>12} {:>6.3f} {:>7} {:>7}  {:<28}  {}, {}\n",
                 name(kernel_kind(network_, kernels_[i])), grouped(plain.time), grouped(best.time),
                 static_cast<double>(best.time) / static_cast<double>(std::max<std::uint64_t>(plain.time, 1)),
                 grouped(plain.flash_bytes), grouped(best.flash_bytes), why(table, best, i),
                 text(table.candidates[choice.candidates[i]]), kernels_[i]);
    }
  }

  /// Why the kernel is compiled so.
  static std::string why(const TuningTable& table, const KernelCost& chosen, std::size_t kernel) {
    KernelCost fastest = chosen;
    std::size_t as_fast = 0;
    for (const auto& costs : table.costs) {
      if (costs[kernel].time < fastest.time) {
        fastest = costs[kernel];
      }
      as_fast += costs[kernel].time == chosen.time ? 1U : 0U;
    }
    if (fastest.time < chosen.time) {
      return chosen.flash_bytes < fastest.flash_bytes
                 ? fmt::format("{} bytes below the fastest", grouped(fastest.flash_bytes - chosen.flash_bytes))
                 : "the same for all is faster";
    }
    return as_fast > 1 ? "smallest of the fastest" : "fastest";
  }

  const TuneArguments& arguments_;
  const NetworkDescriptor& network_;
  const MemoryPlan& plan_;
  Compiler compiler_;
  std::vector<std::string> kernels_;
  EmitOptions options_;
  KernelEdits edits_;
  std::string place_;                   ///< where it measures, to be said
  std::filesystem::path port_;          ///< of the board; empty: not on a board
  std::vector<TargetMemory> memories_;  ///< that kernels may run from, beside FLASH
  std::size_t measured_ = 0;
  std::size_t measurements_ = 0;  ///< that there will be
};

Result<void> write_profile(const TuneArguments& arguments, const Tuned& best) {
  Json json = Json::parse(to_json(best.profile));
  json["measured"] = {{"target", arguments.target},
                      {"where", best.place},
                      {"ticks", best.run.ticks},
                      {"ticks_with_O2", best.plain.ticks},
                      {"kernel_bytes", bytes_of(best.run)},
                      {"kernel_bytes_with_O2", bytes_of(best.plain)}};
  return write_file(arguments.output, json.dump(2) + "\n");
}

/// Those asked for, GCC first: the flash is allowed beyond what it takes.
std::vector<Compiler> compilers_of(const TuneArguments& arguments) {
  std::vector<Compiler> compilers = arguments.compilers;
  if (compilers.empty()) {
    compilers = {Compiler::gcc};
    if (is_in_path("clang")) {
      compilers.push_back(Compiler::clang);
    }
  }
  std::sort(compilers.begin(), compilers.end());
  return compilers;
}

Result<void> tune(const TuneArguments& arguments) {
  STM32TVM_TRY(library, open_model(arguments.model));
  STM32TVM_TRY(network, describe_network(library, arguments.model));
  STM32TVM_TRY(options, plan_options(arguments.model.plan, network));
  STM32TVM_TRY(plan, MemoryPlan::make(network, options));
  std::optional<Tuned> best;
  std::optional<std::uint64_t> flash_bytes;
  for (const Compiler compiler : compilers_of(arguments)) {
    auto tuned = Tuner(arguments, network, plan, compiler).run(flash_bytes);
    if (!tuned && best && tuned.error().code == ErrorCode::does_not_fit) {
      fmt::print("{}: {}\n\n", name(compiler), tuned.error().message);
      continue;
    }
    STM32TVM_CHECK(tuned);
    if (!best || tuned->run.ticks < best->run.ticks) {
      best = *std::move(tuned);
    }
  }
  fmt::print("{}: {}\n", arguments.output.string(), name(best->profile.compiler));
  return write_profile(arguments, *best);
}

}  // namespace

void add_tune(CLI::App& program, Action& action) {
  CLI::App& command = *program.add_subcommand("tune", "find the compiler options that are best for each kernel");
  auto arguments = std::make_shared<TuneArguments>();
  add_model_options(command, arguments->model);
  command.add_option("-o,--output", arguments->output, "profile to write, for generate --profile")
      ->required()
      ->type_name("FILE");
  command.add_option("--target", arguments->target, "board to measure on")->type_name("BOARD")->capture_default_str();
  command
      .add_option("--runner", arguments->runner,
                  "program that runs the firmware named by its argument and prints its "
                  "console")
      ->type_name("PROGRAM");
  using Where = TuneArguments::Where;
  add_word_option(
      command, "--on", arguments->where,
      Words<Where>{{"automatic", Where::automatic}, {"board", Where::board}, {"emulator", Where::emulator}},
      "where the firmware runs; automatic: on the board where the target is one that is plugged in, else in QEMU");
  command.add_option("--port", arguments->port, "serial port of the board, where several are plugged in")
      ->type_name("DEVICE");
  command
      .add_option("--compiler", arguments->compilers, "compilers to try; where none is named, those that are installed")
      ->transform(CLI::CheckedTransformer(Words<Compiler>{{"gcc", Compiler::gcc}, {"clang", Compiler::clang}}))
      ->type_name("gcc|clang");
  command.add_option("--samples", arguments->samples, "folder of inI_K.bin and outO_K.bin that the outputs must match")
      ->type_name("DIR");
  command
      .add_option("--flash", arguments->flash_percent,
                  "flash that the network may take beyond that of -O2, in per cent")
      ->type_name("PERCENT")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command
      .add_option("--work", arguments->work, "folder for builds and measurements, which a second run takes up again")
      ->type_name("DIR");
  command.callback([arguments, &action] { action = [arguments] { return tune(*arguments); }; });
}

}  // namespace stm32tvm::cli
