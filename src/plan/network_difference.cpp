// SPDX-License-Identifier: Apache-2.0
// Two networks side by side: interface, operators, kernels, weights, memory.
#include "stm32tvm/network_difference.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>

#include <nlohmann/json.hpp>

namespace stm32tvm {
inline namespace v1 {
namespace {

using Change = NetworkDifference::Change;
using Part = Change::Part;

std::string describe(const Tensor& tensor) {
  return fmt::format("{}[{}]", to_string(tensor.type), fmt::join(tensor.shape, ", "));
}

std::string describe(const Quantization& quantization) {
  switch (quantization.kind) {
    case Quantization::Kind::unknown:
      return "unknown";
    case Quantization::Kind::unquantized:
      return "none";
    case Quantization::Kind::per_tensor:
    case Quantization::Kind::per_axis:
      break;
  }
  return fmt::format("scale {:.9g}, zero point {}", fmt::join(quantization.scales, " "),
                     fmt::join(quantization.zero_points, " "));
}

const std::string& shown_name(const Tensor& tensor) {
  return tensor.source_name.empty() ? tensor.name : tensor.source_name;
}

/// A text without the module's name in its symbols: tvmgen_default_fused_add as tvmgen_fused_add.
std::string without_module_name(std::string_view text, const std::string& module) {
  const std::string prefix = "tvmgen_" + module + "_";
  std::string result;
  for (std::size_t at = text.find(prefix); at != std::string_view::npos; at = text.find(prefix)) {
    result.append(text.substr(0, at)).append("tvmgen_");
    text.remove_prefix(at + prefix.size());
  }
  return result.append(text);
}

/// Collects the sentences.
class Comparison {
 public:
  Comparison(const NetworkDescriptor& before, const NetworkDescriptor& after) : before_(before), after_(after) {}

  void compare_interface(Part part, const std::vector<TensorIndex>& before, const std::vector<TensorIndex>& after) {
    const char* const kind = part == Part::inputs ? "input" : "output";
    if (before.size() != after.size()) {
      add(part, fmt::format("{} {}s instead of {}", after.size(), kind, before.size()));
    }
    for (std::size_t i = 0; i < std::min(before.size(), after.size()); ++i) {
      const Tensor& old_tensor = before_.tensors[before[i]];
      const Tensor& new_tensor = after_.tensors[after[i]];
      if (old_tensor.identifier != new_tensor.identifier) {
        add(part, fmt::format("{} {} is \"{}\" instead of \"{}\"", kind, i + 1, shown_name(new_tensor),
                              shown_name(old_tensor)));
      }
      if (old_tensor.type != new_tensor.type || old_tensor.shape != new_tensor.shape) {
        add(part, fmt::format("{} {} is {} instead of {}", kind, i + 1, describe(new_tensor), describe(old_tensor)));
      }
      if (!means_the_same(old_tensor.quantization, new_tensor.quantization)) {
        add(part, fmt::format("the quantization of {} {} is {} instead of {}", kind, i + 1,
                              describe(new_tensor.quantization), describe(old_tensor.quantization)));
      }
    }
  }

  void compare_operators() {
    const auto rows = [](const NetworkDescriptor& network) {
      std::vector<std::string> result;
      for (const Operator& call : network.operators) {
        result.push_back(fmt::format(
            "{} -> {}",
            call.kind == Operator::Kind::copy ? "copy" : without_module_name(call.kernel, network.module_name),
            call.outputs.empty() ? std::string("nothing") : describe(network.tensors[call.outputs.front().tensor])));
      }
      return result;
    };
    std::vector<std::string> gone = rows(before_);
    std::vector<std::string> fresh = rows(after_);
    if (gone == fresh) {
      return;
    }
    if (gone.size() != fresh.size()) {
      add(Part::operators, fmt::format("{} operators instead of {}", fresh.size(), gone.size()));
    }
    const std::size_t changes = changes_.size();
    remove_common(gone, fresh);
    list("removed", gone);
    list("added", fresh);
    if (changes_.size() == changes) {
      add(Part::operators, "the same operators run in another order");
    }
  }

  void compare_kernels() {
    std::map<std::string_view, std::string> sources;
    for (const KernelSource& source : before_.sources) {
      sources.emplace(source.name, without_module_name(source.text.view(), before_.module_name));
    }
    for (const KernelSource& source : after_.sources) {
      const auto old_source = sources.find(source.name);
      if (old_source == sources.end()) {
        add(Part::kernels, fmt::format("the source {} is new", source.name));
        continue;
      }
      if (old_source->second != without_module_name(source.text.view(), after_.module_name)) {
        add(Part::kernels, fmt::format("the source {} has other text", source.name));
      }
      sources.erase(old_source);
    }
    for (const auto& [source, text] : sources) {
      add(Part::kernels, fmt::format("the source {} is gone", source));
    }
  }

  void compare_weights() {
    if (before_.parameters.size() != after_.parameters.size()) {
      add(Part::weights,
          fmt::format("{} parameters instead of {}", after_.parameters.size(), before_.parameters.size()));
      return;
    }
    std::size_t count = 0;
    std::uint64_t bytes = 0;
    for (std::size_t i = 0; i < before_.parameters.size(); ++i) {
      const Tensor& old_tensor = before_.tensors[before_.parameters[i]];
      const Tensor& new_tensor = after_.tensors[after_.parameters[i]];
      if (old_tensor.type != new_tensor.type || old_tensor.shape != new_tensor.shape) {
        weights_have_other_shapes_ = true;
        add(Part::weights,
            fmt::format("parameter {} is {} instead of {}", i + 1, describe(new_tensor), describe(old_tensor)));
      } else if (old_tensor.constant != new_tensor.constant) {
        ++count;
        bytes += new_tensor.bytes;
      }
    }
    if (count > 0) {
      add(Part::weights, fmt::format("{} of {} parameters have other values, {} bytes in all", count,
                                     before_.parameters.size(), bytes));
    }
  }

  void compare_figure(Part part, const char* what, const NetworkDifference::Figure& figure) {
    if (figure.before != figure.after) {
      const bool more = figure.after > figure.before;
      add(part, fmt::format("{} bytes of {} instead of {}: {}{}", figure.after, what, figure.before, more ? "+" : "-",
                            more ? figure.after - figure.before : figure.before - figure.after));
    }
  }

  [[nodiscard]] NetworkDifference::Verdict verdict() const {
    const auto has = [&](Part part) {
      return std::any_of(changes_.begin(), changes_.end(), [&](const Change& change) { return change.part == part; });
    };
    if (has(Part::inputs) || has(Part::outputs)) {
      return NetworkDifference::Verdict::interface;
    }
    if (has(Part::operators) || has(Part::kernels) || weights_have_other_shapes_ ||
        before_.parameters.size() != after_.parameters.size()) {
      return NetworkDifference::Verdict::code;
    }
    return has(Part::weights) ? NetworkDifference::Verdict::weights_only : NetworkDifference::Verdict::identical;
  }

  std::vector<Change> take() && { return std::move(changes_); }

 private:
  /// Where the figures come from does not matter.
  static bool means_the_same(const Quantization& a, const Quantization& b) {
    return a.kind == b.kind && a.scales == b.scales && a.zero_points == b.zero_points && a.axis == b.axis;
  }

  /// Takes out of both lists what they share, as often as they share it.
  static void remove_common(std::vector<std::string>& a, std::vector<std::string>& b) {
    std::map<std::string, std::size_t> shared;
    for (const std::string& row : a) {
      ++shared[row];
    }
    std::map<std::string, std::size_t> common;
    std::erase_if(b, [&](const std::string& row) {
      const auto found = shared.find(row);
      if (found == shared.end() || found->second == 0) {
        return false;
      }
      --found->second;
      ++common[row];
      return true;
    });
    std::erase_if(a, [&](const std::string& row) {
      const auto found = common.find(row);
      if (found == common.end() || found->second == 0) {
        return false;
      }
      --found->second;
      return true;
    });
  }

  void list(const char* what, const std::vector<std::string>& rows) {
    constexpr std::size_t most = 20;
    for (std::size_t i = 0; i < std::min(rows.size(), most); ++i) {
      add(Part::operators, fmt::format("{}: {}", what, rows[i]));
    }
    if (rows.size() > most) {
      add(Part::operators, fmt::format("{}: {} more", what, rows.size() - most));
    }
  }

  void add(Part part, std::string message) { changes_.push_back({part, std::move(message)}); }

  const NetworkDescriptor& before_;
  const NetworkDescriptor& after_;
  std::vector<Change> changes_;
  bool weights_have_other_shapes_ = false;
};

}  // namespace

const char* name(NetworkDifference::Verdict verdict) noexcept {
  switch (verdict) {
    case NetworkDifference::Verdict::identical:
      return "identical";
    case NetworkDifference::Verdict::weights_only:
      return "weights_only";
    case NetworkDifference::Verdict::code:
      return "code";
    case NetworkDifference::Verdict::interface:
      return "interface";
  }
  return "";
}

const char* name(Part part) noexcept {
  switch (part) {
    case Part::inputs:
      return "inputs";
    case Part::outputs:
      return "outputs";
    case Part::operators:
      return "operators";
    case Part::kernels:
      return "kernels";
    case Part::weights:
      return "weights";
    case Part::ram:
      return "ram";
    case Part::flash:
      return "flash";
  }
  return "";
}

NetworkDifference compare(const NetworkDescriptor& before, const MemoryNeeds& needs_before,
                          const NetworkDescriptor& after, const MemoryNeeds& needs_after) {
  NetworkDifference difference;
  difference.ram = {needs_before.ram_bytes(), needs_after.ram_bytes()};
  difference.flash = {needs_before.flash_bytes(), needs_after.flash_bytes()};
  Comparison comparison(before, after);
  comparison.compare_interface(Part::inputs, before.inputs, after.inputs);
  comparison.compare_interface(Part::outputs, before.outputs, after.outputs);
  comparison.compare_operators();
  comparison.compare_kernels();
  comparison.compare_weights();
  comparison.compare_figure(Part::ram, "RAM", difference.ram);
  comparison.compare_figure(Part::flash, "flash for weights and tables", difference.flash);
  difference.verdict = comparison.verdict();
  difference.changes = std::move(comparison).take();
  return difference;
}

std::string to_json(const NetworkDifference& difference) {
  using Json = nlohmann::ordered_json;
  Json changes = Json::array();
  for (const Change& change : difference.changes) {
    changes.push_back({{"part", name(change.part)}, {"message", change.message}});
  }
  const auto figure = [](const NetworkDifference::Figure& bytes) {
    return Json{{"before", bytes.before}, {"after", bytes.after}};
  };
  const Json json{{"verdict", name(difference.verdict)},
                  {"changes", changes},
                  {"ram_bytes", figure(difference.ram)},
                  {"flash_bytes", figure(difference.flash)}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace v1
}  // namespace stm32tvm
