// SPDX-License-Identifier: Apache-2.0
// Reads what the firmware and nm print, and keeps measurements as lines of numbers.
#include "kernel_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>
#include <utility>

#include "tree/manifest.hpp"
#include "write_file.hpp"

namespace stm32tvm::cli {

std::uint64_t bytes_of(const Run& run) {
  std::uint64_t sum = 0;
  for (const KernelCost& cost : run.kernels) {
    sum += cost.flash_bytes;
  }
  return sum;
}

std::optional<Run> read_report(const std::string& output, const std::vector<std::string>& kernels) {
  Run run{0, std::vector<KernelCost>(kernels.size())};
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
      const auto kernel = std::find(kernels.begin(), kernels.end(), name.substr(0, name.size() - 1));
      if (kernel != kernels.end()) {
        words >> run.kernels[static_cast<std::size_t>(kernel - kernels.begin())].time;
        ++found;
      }
    }
  }
  return run.ticks != 0 && found == kernels.size() ? std::optional(std::move(run)) : std::nullopt;
}

void add_sizes(Run& run, const std::string& symbols, const std::vector<std::string>& kernels,
               const NetworkDescriptor& network) {
  std::map<std::string, std::uint64_t> bytes_of_symbol;
  std::map<std::string, std::uint64_t> code_of_symbol;
  std::istringstream lines(symbols);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string word;
    std::string symbol;
    std::uint64_t bytes = 0;
    if (words >> word >> bytes >> word >> symbol) {
      symbol.resize(std::min(symbol.find('.'), symbol.size()));
      bytes_of_symbol[symbol] += bytes;
      code_of_symbol[symbol] += word == "T" || word == "t" ? bytes : 0;
    }
  }
  for (std::size_t i = 0; i < kernels.size(); ++i) {
    run.kernels[i].flash_bytes = bytes_of_symbol["network_" + kernels[i]];
    code_of_symbol.erase("network_" + kernels[i]);
  }
  for (const KernelSource& source : network.sources) {
    for (const std::string& function : source.definitions) {
      for (const auto& [symbol, bytes] : code_of_symbol) {
        run.shared_bytes += symbol.starts_with("network_") && symbol.ends_with("_" + function) ? bytes : 0;
      }
    }
  }
}

std::string content_key(const SourceTree& tree, const std::string& more) {
  return hash_of(Manifest::of(tree.files()).text() + more);
}

std::optional<Run> read_run(const std::filesystem::path& path, std::size_t kernels) {
  std::ifstream file(path);
  Run run{0, std::vector<KernelCost>(kernels)};
  file >> run.ticks;
  for (KernelCost& cost : run.kernels) {
    file >> cost.time >> cost.flash_bytes;
  }
  file >> run.shared_bytes;
  return file ? std::optional(std::move(run)) : std::nullopt;
}

Result<void> keep(const Run& run, const std::filesystem::path& path) {
  std::string text = fmt::format("{}\n", run.ticks);
  for (const KernelCost& cost : run.kernels) {
    text += fmt::format("{} {}\n", cost.time, cost.flash_bytes);
  }
  return write_file(path, text + fmt::format("{}\n", run.shared_bytes));
}

}  // namespace stm32tvm::cli
