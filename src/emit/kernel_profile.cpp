// SPDX-License-Identifier: Apache-2.0
// Options by kind of kernel, and profiles as JSON.
#include "stm32tvm/kernel_profile.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "support/json.hpp"
#include "support/relative_path.hpp"
#include "support/try.hpp"

namespace stm32tvm {
inline namespace v1 {
namespace {

/// Loops of some hundred iterations over channels are unrolled far: loads and multiplications are all that is left.
const CompilerOptions unrolled_far = {"-O2", "-funroll-loops", "--param=max-unroll-times=32",
                                      "--param=max-unrolled-insns=800"};

/// Of kernels on the DSP extension, whose loops over SIMD words are short and wait for unrolling, too.
const CompilerOptions unrolled_simd = {"-O3", "-funroll-loops"};

/// Depthwise ones are straight lines of SIMD words already; the scheduler makes them spill.
const CompilerOptions unscheduled_simd = {"-O3", "-funroll-loops", "-fno-schedule-insns"};

/// The time goes into the functions of libm.
const CompilerOptions plain = {"-O2"};

CompilerOptions options_of(KernelKind kind, bool simd) {
  if (kind == KernelKind::softmax) {
    return plain;
  }
  if (!simd || kind == KernelKind::elementwise) {
    return unrolled_far;
  }
  return kind == KernelKind::depthwise_convolution ? unscheduled_simd : unrolled_simd;
}

/// The edits by their names.
constexpr std::array<std::pair<const char*, bool KernelEdits::*>, 2> edit_names = {
    {{"memory-types", &KernelEdits::memory_types}, {"alignment", &KernelEdits::alignment}}};

/// The text from the word on; empty where the word is not in it.
std::string_view from_word(std::string_view text, std::string_view word) {
  const auto* const found =
      std::search(text.begin(), text.end(), std::boyer_moore_horspool_searcher(word.begin(), word.end()));
  return {found, text.end()};
}

Result<CompilerOptions> read_options(json::Value value, std::string_view name, std::string_view where) {
  STM32TVM_TRY(array, json::as_array(value, name, where));
  CompilerOptions options;
  for (const json::Value each : array) {
    STM32TVM_TRY(option, json::as_string(each, name, where));
    options.emplace_back(option);
  }
  return options;
}

}  // namespace

const char* name(Compiler compiler) noexcept {
  return compiler == Compiler::gcc ? "gcc" : "clang";
}

const char* name(KernelKind kind) noexcept {
  switch (kind) {
    case KernelKind::convolution:
      return "convolution";
    case KernelKind::depthwise_convolution:
      return "depthwise convolution";
    case KernelKind::dense:
      return "dense";
    case KernelKind::pooling:
      return "pooling";
    case KernelKind::softmax:
      return "softmax";
    case KernelKind::elementwise:
      return "elementwise";
  }
  return "";
}

KernelKind kernel_kind(const NetworkDescriptor& network, std::string_view kernel) {
  const auto named = [&](std::string_view word) { return kernel.find(word) != std::string_view::npos; };
  if (named("depthwise")) {
    return KernelKind::depthwise_convolution;
  }
  if (named("conv")) {
    // TVM calls both nn_conv2d, and names a variable after what it is.
    const std::string head = fmt::format(" {}(", kernel);
    for (const KernelSource& source : network.sources) {
      const std::string_view function = from_word(source.text.view(), head);
      if (!function.empty()) {
        const std::string_view body = function.substr(0, function.find("\n}"));
        const bool depthwise = !from_word(body, "DepthwiseConv").empty() || !from_word(body, "depthwise_conv").empty();
        return depthwise ? KernelKind::depthwise_convolution : KernelKind::convolution;
      }
    }
    return KernelKind::convolution;
  }
  return named("dense")     ? KernelKind::dense
         : named("pool")    ? KernelKind::pooling
         : named("softmax") ? KernelKind::softmax
                            : KernelKind::elementwise;
}

KernelProfile default_profile(const NetworkDescriptor& network) {
  KernelProfile profile;
  profile.edits.memory_types = true;
  profile.options = options_of(KernelKind::convolution, network.needs.arm_simd);
  std::set<std::string_view> kernels;
  for (const Operator& call : network.operators) {
    if (call.kind != Operator::Kind::kernel || !kernels.insert(call.kernel).second) {
      continue;
    }
    const CompilerOptions options = options_of(kernel_kind(network, call.kernel), network.needs.arm_simd);
    if (options != profile.options) {
      profile.kernels.emplace(call.kernel, options);
    }
  }
  return profile;
}

Result<KernelEdits> parse_kernel_edits(const std::vector<std::string>& names) {
  KernelEdits edits;
  if (names == std::vector<std::string>{"none"}) {
    return edits;
  }
  for (const std::string& name : names) {
    const auto* const known = std::ranges::find_if(edit_names, [&](const auto& each) { return name == each.first; });
    if (known == edit_names.end()) {
      return Error{ErrorCode::bad_option,
                   fmt::format("\"{}\" is no edit of kernels; there are \"memory-types\" and \"alignment\", or "
                               "\"none\" alone",
                               shown(name)),
                   {}};
    }
    edits.*(known->second) = true;
  }
  return edits;
}

Result<KernelProfile> parse_kernel_profile(std::string_view text, std::string_view where) {
  json::Document document;
  STM32TVM_CHECK(json::parse(text, where, document));
  STM32TVM_TRY(root, json::as_object(document.root, "profile", where));
  KernelProfile profile;
  STM32TVM_TRY(options, json::require(root, "options", where));
  STM32TVM_TRY(common, read_options(options, "options", where));
  profile.options = common;
  json::Value compiler;
  if (json::find(root, "compiler", compiler)) {
    STM32TVM_TRY(word, json::as_string(compiler, "compiler", where));
    if (word != name(Compiler::gcc) && word != name(Compiler::clang)) {
      return Error{ErrorCode::bad_option, "the profile's compiler must be \"gcc\" or \"clang\"", std::string(where)};
    }
    profile.compiler = word == name(Compiler::clang) ? Compiler::clang : Compiler::gcc;
  }
  json::Value edits;
  if (json::find(root, "edits", edits)) {
    STM32TVM_TRY(words, read_options(edits, "edits", where));
    auto known = parse_kernel_edits(words);
    if (!known) {
      return Error{known.error().code, known.error().message, std::string(where)};
    }
    profile.edits = *known;
  }
  json::Value memory;
  if (json::find(root, "memory", memory)) {
    STM32TVM_TRY(word, json::as_string(memory, "memory", where));
    profile.memory = word;
  }
  json::Value in_memory;
  if (json::find(root, "in_memory", in_memory)) {
    STM32TVM_TRY(names, read_options(in_memory, "in_memory", where));
    profile.in_memory.insert(names.begin(), names.end());
  }
  json::Value kernels;
  if (json::find(root, "kernels", kernels)) {
    STM32TVM_TRY(object, json::as_object(kernels, "kernels", where));
    for (const auto& [key, value] : object) {
      STM32TVM_TRY(own, read_options(value, key, where));
      profile.kernels.insert_or_assign(std::string(key), own);
    }
  }
  return profile;
}

std::string to_json(const KernelProfile& profile) {
  std::vector<std::string> edits;
  for (const auto& [word, member] : edit_names) {
    if (profile.edits.*member) {
      edits.emplace_back(word);
    }
  }
  nlohmann::ordered_json json{{"compiler", name(profile.compiler)},
                              {"edits", edits},
                              {"options", profile.options},
                              {"kernels", profile.kernels}};
  if (!profile.memory.empty()) {
    json["memory"] = profile.memory;
    json["in_memory"] = profile.in_memory;
  }
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace v1
}  // namespace stm32tvm
