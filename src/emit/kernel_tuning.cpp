// SPDX-License-Identifier: Apache-2.0
// A knapsack with one choice for each kernel, solved by the choices that nothing else beats in both time and size.
#include "stm32tvm/kernel_tuning.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

namespace stm32tvm {
inline namespace v1 {
namespace {

/// A choice for the first kernels, as a list that ends at `previous`.
struct State {
  std::uint64_t time = 0;
  std::uint64_t bytes = 0;
  std::size_t previous = 0;
  std::size_t candidate = 0;
};

bool is_whole(const TuningTable& table) {
  return !table.kernels.empty() && !table.candidates.empty() && table.costs.size() == table.candidates.size() &&
         std::all_of(table.costs.begin(), table.costs.end(),
                     [&](const auto& costs) { return costs.size() == table.kernels.size(); });
}

/// Those that are within the limit and faster than every smaller one, by size.
std::vector<State> undominated(std::vector<State> states, std::uint64_t limit) {
  std::stable_sort(states.begin(), states.end(), [](const State& a, const State& b) {
    return a.bytes != b.bytes ? a.bytes < b.bytes : a.time < b.time;
  });
  std::vector<State> kept;
  for (const State& state : states) {
    if (state.bytes <= limit && (kept.empty() || state.time < kept.back().time)) {
      kept.push_back(state);
    }
  }
  return kept;
}

}  // namespace

std::vector<CompilerOptions> tuning_candidates(Compiler compiler) {
  if (compiler == Compiler::clang) {
    return {
        {"-O2"}, {"-O2", "-funroll-loops"}, {"-O3"}, {"-O3", "-fno-tree-slp-vectorize"}, {"-O2", "-fno-unroll-loops"},
        {"-Os"}};
  }
  const CompilerOptions far = {"-O2", "-funroll-loops", "--param=max-unroll-times=32",
                               "--param=max-unrolled-insns=800"};
  const auto with = [](CompilerOptions options, const std::vector<const char*>& more) {
    options.insert(options.end(), more.begin(), more.end());
    return options;
  };
  const CompilerOptions unscheduled = with(far, {"-fno-schedule-insns"});
  return {{"-O2"},
          {"-O2", "-funroll-loops"},
          far,
          with(far, {"--param=max-completely-peel-times=64", "--param=max-completely-peeled-insns=1000"}),
          unscheduled,
          with(unscheduled, {"-fno-gcse"}),
          with(unscheduled, {"-fno-forward-propagate"}),
          {"-O3"},
          {"-O3", "-funroll-loops"},
          {"-O3", "-funroll-loops", "-fno-tree-loop-distribution", "-fno-schedule-insns"},
          {"-Os"}};
}

Result<TuningChoice> choose_options(const TuningTable& table, std::uint64_t flash_bytes) {
  if (!is_whole(table)) {
    return Error{
        ErrorCode::bad_option,
        "the measurements are not whole: each candidate needs the costs of each kernel, and there must be some",
        {}};
  }
  std::vector<std::vector<State>> states = {{State{}}};
  for (std::size_t kernel = 0; kernel < table.kernels.size(); ++kernel) {
    std::vector<State> next;
    for (std::size_t previous = 0; previous < states.back().size(); ++previous) {
      const State& before = states.back()[previous];
      for (std::size_t candidate = 0; candidate < table.candidates.size(); ++candidate) {
        const KernelCost& cost = table.costs[candidate][kernel];
        next.push_back({before.time + cost.time, before.bytes + cost.flash_bytes, previous, candidate});
      }
    }
    states.push_back(undominated(std::move(next), flash_bytes));
    if (states.back().empty()) {
      return Error{ErrorCode::does_not_fit,
                   fmt::format("no options make the kernels as small as {} bytes; allow more flash", flash_bytes),
                   {}};
    }
  }
  // The largest that is left is the fastest.
  TuningChoice choice{std::vector<std::size_t>(table.kernels.size()), states.back().back().time,
                      states.back().back().bytes};
  std::size_t place = states.back().size() - 1;
  for (std::size_t kernel = table.kernels.size(); kernel > 0; --kernel) {
    const State& state = states[kernel][place];
    choice.candidates[kernel - 1] = state.candidate;
    place = state.previous;
  }
  return choice;
}

std::set<std::string, std::less<>> choose_for_memory(const std::vector<std::string>& kernels,
                                                     const std::vector<KernelCost>& costs, std::uint64_t bytes) {
  constexpr std::uint64_t alignment = 8;  // of a function
  TuningTable table{kernels, {{"elsewhere"}, {"in the memory"}}, {{}, {}}};
  for (const KernelCost& cost : costs) {
    table.costs[0].push_back({cost.time, 0});
    table.costs[1].push_back({0, (cost.flash_bytes + alignment - 1) / alignment * alignment});
  }
  const Result<TuningChoice> choice = choose_options(table, bytes);
  std::set<std::string, std::less<>> chosen;
  for (std::size_t i = 0; choice && i < kernels.size(); ++i) {
    if (choice->candidates[i] == 1) {
      chosen.insert(kernels[i]);
    }
  }
  return chosen;
}

KernelProfile profile_of(const TuningTable& table, const TuningChoice& choice) {
  std::map<std::size_t, std::size_t> uses;
  for (const std::size_t candidate : choice.candidates) {
    ++uses[candidate];
  }
  const auto most =
      std::max_element(uses.begin(), uses.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  KernelProfile profile;
  profile.options = table.candidates[most == uses.end() ? 0 : most->first];
  for (std::size_t kernel = 0; kernel < choice.candidates.size(); ++kernel) {
    const CompilerOptions& options = table.candidates[choice.candidates[kernel]];
    if (options != profile.options) {
      profile.kernels.emplace(table.kernels[kernel], options);
    }
  }
  return profile;
}

}  // namespace v1
}  // namespace stm32tvm
