// SPDX-License-Identifier: Apache-2.0
// stm32tvm tune: measures each kernel under several sets of compiler options and picks the fastest that fit.
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <sstream>

#include <nlohmann/json.hpp>

#include "commands.hpp"
#include "process.hpp"
#include "support/try.hpp"

namespace stm32tvm::cli {
namespace {

using Json = nlohmann::ordered_json;

struct TuneArguments {
  ModelArguments model;
  std::string target = "mps2-an500";
  std::filesystem::path samples;  ///< empty: inputs of zeros, nothing checked
  std::filesystem::path output;
  std::filesystem::path work;  ///< empty: beside the output
  std::string runner;          ///< empty: QEMU
  double flash_percent = 15;
};

/// What the firmware reported, and how large its kernels are.
struct Run {
  std::uint64_t ticks = 0;  ///< of one inference
  std::vector<KernelCost> kernels;
};

/// FNV-1a, 64 bits: names a measurement by all that it depends on.
std::string content_key(const SourceTree& tree, const std::string& more) {
  std::uint64_t hash = 0xcbf29ce484222325;
  const auto add = [&](std::string_view text) {
    for (const char c : text) {
      hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    }
    hash = (hash ^ 0xFF) * 0x100000001b3;
  };
  for (const auto& [path, contents] : tree.files()) {
    add(path);
    add(contents.view());
  }
  add(more);
  return fmt::format("{:016x}", hash);
}

class Tuner {
 public:
  Tuner(const TuneArguments& arguments, const NetworkDescriptor& network, const MemoryPlan& plan)
      : arguments_(arguments), network_(network), plan_(plan) {
    for (const Operator& call : network.operators) {
      if (call.kind == Operator::Kind::kernel &&
          std::find(kernels_.begin(), kernels_.end(), call.kernel) == kernels_.end()) {
        kernels_.push_back(call.kernel);
      }
    }
  }

  Result<void> run() {
    STM32TVM_CHECK(prepare());
    TuningTable table{kernels_, tuning_candidates(), {}};
    std::vector<Run> runs;
    for (std::size_t i = 0; i < table.candidates.size(); ++i) {
      STM32TVM_TRY(measured, measure({table.candidates[i], {}}, i + 1, table.candidates.size() + 1));
      table.costs.push_back(measured.kernels);
      runs.push_back(measured);
    }
    const std::uint64_t limit = flash_limit(table);
    STM32TVM_TRY(choice, choose_options(table, limit));
    KernelProfile profile = profile_of(table, choice);
    STM32TVM_TRY(tuned, measure(profile, table.candidates.size() + 1, table.candidates.size() + 1));
    const std::size_t single = best_single(table, runs, limit);
    if (runs[single].ticks < tuned.ticks) {
      // What kernels cost in one image is not always what they cost in another.
      profile = {table.candidates[single], {}};
      tuned = runs[single];
      std::fill(choice.candidates.begin(), choice.candidates.end(), single);
    }
    print_table(table, choice);
    fmt::print("\n{:>12} ticks, {:>7} bytes of kernels  with {} alone\n", grouped(runs[0].ticks),
               grouped(bytes_of(runs[0])), text(table.candidates[0]));
    fmt::print("{:>12} ticks, {:>7} bytes of kernels  with {} alone, the best of these within {} bytes\n",
               grouped(runs[single].ticks), grouped(bytes_of(runs[single])), text(table.candidates[single]),
               grouped(limit));
    fmt::print("{:>12} ticks, {:>7} bytes of kernels  tuned: {:.3f} of {}\n", grouped(tuned.ticks),
               grouped(bytes_of(tuned)), static_cast<double>(tuned.ticks) / static_cast<double>(runs[0].ticks),
               text(table.candidates[0]));
    return write_profile(profile, tuned, runs[0]);
  }

 private:
  static std::string text(const CompilerOptions& options) { return fmt::format("{}", fmt::join(options, " ")); }

  static std::uint64_t bytes_of(const Run& run) {
    std::uint64_t sum = 0;
    for (const KernelCost& cost : run.kernels) {
      sum += cost.flash_bytes;
    }
    return sum;
  }

  Result<void> prepare() {
    if (kernels_.empty()) {
      return Error{ErrorCode::bad_option, "the network calls no kernels, so there is nothing to tune",
                   arguments_.model.model.string()};
    }
    STM32TVM_TRY(target, find_target(arguments_.target));
    if (target.qemu_machine.empty() && arguments_.runner.empty()) {
      return Error{
          ErrorCode::bad_option,
          fmt::format("QEMU does not emulate {}; say with --runner how to run firmware on it, or take a target "
                      "that it emulates",
                      target.name),
          {}};
    }
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

  /// The flash that the kernels may take: what they and the network's constants and tables take with the first
  /// candidate, and so much per cent of it.
  [[nodiscard]] std::uint64_t flash_limit(const TuningTable& table) const {
    const MemoryNeeds needs = memory_needs(network_, plan_);
    std::uint64_t kernels = 0;
    for (const KernelCost& cost : table.costs.front()) {
      kernels += cost.flash_bytes;
    }
    const auto all = static_cast<double>(kernels + needs.weights_bytes + needs.tables_bytes);
    return kernels + static_cast<std::uint64_t>(all * arguments_.flash_percent / 100);
  }

  static std::size_t best_single(const TuningTable& table, const std::vector<Run>& runs, std::uint64_t limit) {
    std::size_t best = 0;
    for (std::size_t i = 0; i < table.candidates.size(); ++i) {
      if (bytes_of(runs[i]) <= limit && runs[i].ticks < runs[best].ticks) {
        best = i;
      }
    }
    return best;
  }

  Result<Run> measure(const KernelProfile& profile, std::size_t number, std::size_t count) {
    options_.kernel_profile = profile;
    STM32TVM_TRY(tree, ProjectEmitter::emit(network_, plan_, options_));
    const std::filesystem::path cache = work() / (content_key(tree, arguments_.runner + STM32TVM_VERSION) + ".json");
    const std::string title = profile.kernels.empty() ? text(profile.options) : "the choice";
    fmt::print(stderr, "[{}/{}] {}\n", number, count, title);
    if (auto known = read_run(cache)) {
      return *std::move(known);
    }
    STM32TVM_CHECK(tree.write_to(work() / "firmware", SourceTree::Edited::replace));
    STM32TVM_TRY(run, build_and_run());
    Json json{{"ticks", run.ticks}, {"kernels", Json::array()}};
    for (const KernelCost& cost : run.kernels) {
      json["kernels"].push_back({cost.time, cost.flash_bytes});
    }
    std::ofstream(cache) << json.dump() << "\n";
    return run;
  }

  [[nodiscard]] std::filesystem::path work() const {
    return arguments_.work.empty() ? std::filesystem::path(arguments_.output.string() + ".work") : arguments_.work;
  }

  [[nodiscard]] std::optional<Run> read_run(const std::filesystem::path& path) const {
    std::ifstream file(path);
    const Json json = Json::parse(file, nullptr, false);
    if (json.is_discarded() || !json.contains("kernels") || json["kernels"].size() != kernels_.size()) {
      return std::nullopt;
    }
    Run run{json["ticks"], {}};
    for (const Json& cost : json["kernels"]) {
      run.kernels.push_back({cost[0], cost[1]});
    }
    return run;
  }

  Result<Run> build_and_run() {
    const std::filesystem::path folder = std::filesystem::absolute(work());
    const Command build{"cmake", {"--build", "build"}};
    STM32TVM_CHECK(run_captured(
        {"cmake", {"-G", "Ninja", "-S", "firmware", "-B", "build", "-DCMAKE_BUILD_TYPE=Release"}}, folder));
    STM32TVM_CHECK(run_captured(build, folder));
    const std::string elf = (folder / "build" / "firmware" / "network_firmware.elf").string();
    STM32TVM_TRY(output,
                 run_captured(arguments_.runner.empty() ? Command{"cmake", {"--build", "build", "--target", "run"}}
                                                        : Command{arguments_.runner, {elf}},
                              folder));
    if (output.find("golden check: failed") != std::string::npos) {
      return Error{ErrorCode::bad_source, "the outputs are wrong; this is a fault of the compiler or of stm32tvm",
                   text(options_.kernel_profile->options)};
    }
    Run run{0, std::vector<KernelCost>(kernels_.size())};
    STM32TVM_CHECK(read_report(output, run));
    STM32TVM_CHECK(read_sizes(run));
    return run;
  }

  /// "ticks: 342888" of the first inference, and "kernel NAME: 83070 ticks in 2 calls".
  Result<void> read_report(const std::string& output, Run& run) {
    std::istringstream lines(output);
    std::size_t found = 0;
    for (std::string line; std::getline(lines, line);) {
      std::istringstream words(line);
      std::string word;
      std::string name;
      words >> word;
      if (word == "ticks:" && run.ticks == 0) {
        words >> run.ticks;
      } else if (word == "kernel" && words >> name && name.ends_with(':')) {
        const auto kernel = std::find(kernels_.begin(), kernels_.end(), name.substr(0, name.size() - 1));
        if (kernel != kernels_.end()) {
          words >> run.kernels[static_cast<std::size_t>(kernel - kernels_.begin())].time;
          ++found;
        }
      }
    }
    if (run.ticks == 0 || found != kernels_.size()) {
      return Error{ErrorCode::cannot_read,
                   fmt::format("the firmware reported the times of {} kernels of {}; run it by hand to see why", found,
                               kernels_.size()),
                   (work() / "build").string()};
    }
    return {};
  }

  /// Code and constants of the object that each kernel is in.
  Result<void> read_sizes(Run& run) {
    const std::filesystem::path folder = work() / "build" / "network" / "CMakeFiles" / "network.dir";
    Command symbols_of{"arm-none-eabi-nm", {"-A", "-g", "--defined-only"}};
    Command sizes_of{"arm-none-eabi-size", {}};
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      if (entry.path().extension() == ".obj") {
        symbols_of.arguments.push_back(entry.path().filename().string());
        sizes_of.arguments.push_back(entry.path().filename().string());
      }
    }
    STM32TVM_TRY(symbols, run_captured(symbols_of, folder));
    STM32TVM_TRY(sizes, run_captured(sizes_of, folder));
    std::map<std::string, std::uint64_t> bytes_of_object;
    std::istringstream size_lines(sizes);
    for (std::string line; std::getline(size_lines, line);) {
      std::istringstream words(line);
      std::uint64_t code = 0;
      std::string data;
      std::string object;
      if (words >> code >> data >> data >> data >> data >> object) {
        bytes_of_object[object] = code;
      }
    }
    std::istringstream symbol_lines(symbols);
    for (std::string line; std::getline(symbol_lines, line);) {
      const std::string object = line.substr(0, line.find(':'));
      for (std::size_t i = 0; i < kernels_.size(); ++i) {
        if (line.ends_with(" network_" + kernels_[i])) {
          run.kernels[i].flash_bytes = bytes_of_object[object];
        }
      }
    }
    return {};
  }

  void print_table(const TuningTable& table, const TuningChoice& choice) const {
    fmt::print("{:<22} {:>12} {:>12} {:>6} {:>7} {:>7}  {}\n", "kind", "ticks, -O2", "ticks, best", "", "bytes",
               "bytes", "options, kernel");
    for (std::size_t i = 0; i < kernels_.size(); ++i) {
      const KernelCost& plain = table.costs[0][i];
      const KernelCost& best = table.costs[choice.candidates[i]][i];
      fmt::print("{:<22} {:>12} {:>12} {:>6.3f} {:>7} {:>7}  {}, {}\n", name(kernel_kind(network_, kernels_[i])),
                 grouped(plain.time), grouped(best.time),
                 static_cast<double>(best.time) / static_cast<double>(std::max<std::uint64_t>(plain.time, 1)),
                 grouped(plain.flash_bytes), grouped(best.flash_bytes), text(table.candidates[choice.candidates[i]]),
                 kernels_[i]);
    }
  }

  Result<void> write_profile(const KernelProfile& profile, const Run& tuned, const Run& plain) const {
    Json json = Json::parse(to_json(profile));
    json["measured"] = {{"target", arguments_.target},
                        {"ticks", tuned.ticks},
                        {"ticks_with_O2", plain.ticks},
                        {"kernel_bytes", bytes_of(tuned)},
                        {"kernel_bytes_with_O2", bytes_of(plain)}};
    std::ofstream file(arguments_.output);
    file << json.dump(2) << "\n";
    if (!file.flush()) {
      return Error{ErrorCode::cannot_write, "the file cannot be written; check its path and permissions",
                   arguments_.output.string()};
    }
    return {};
  }

  const TuneArguments& arguments_;
  const NetworkDescriptor& network_;
  const MemoryPlan& plan_;
  std::vector<std::string> kernels_;
  EmitOptions options_;
};

Result<void> tune(const TuneArguments& arguments) {
  STM32TVM_TRY(library, ModelLibrary::open(arguments.model.model));
  STM32TVM_TRY(network, describe_network(library, arguments.model));
  STM32TVM_TRY(options, plan_options(arguments.model.plan, network));
  STM32TVM_TRY(plan, MemoryPlan::make(network, options));
  return Tuner(arguments, network, plan).run();
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
                  "console; QEMU where there is none")
      ->type_name("PROGRAM");
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
