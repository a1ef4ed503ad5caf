// SPDX-License-Identifier: Apache-2.0
// Quantization given by the caller, tensor by tensor or as JSON.
#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "network/quantization_rules.hpp"
#include "stm32tvm/quantization.hpp"
#include "support/json.hpp"
#include "support/relative_path.hpp"
#include "support/try.hpp"

namespace stm32tvm {
inline namespace v1 {
namespace {

/// "image", "scores"; the first ones, where there are many.
std::string interface_list(const NetworkDescriptor& network) {
  constexpr std::size_t most = 8;
  std::string list;
  std::size_t count = 0;
  for (const auto* tensors : {&network.inputs, &network.outputs}) {
    for (const TensorIndex index : *tensors) {
      if (++count <= most) {
        const Tensor& tensor = network.tensors[index];
        list += fmt::format("{}\"{}\"", list.empty() ? "" : ", ",
                            shown(tensor.identifier.empty() ? tensor.name : tensor.identifier));
      }
    }
  }
  return count > most ? list + ", ..." : list;
}

/// The network's tensors by identifier, by source name, and by name.
class TensorNames {
 public:
  explicit TensorNames(const NetworkDescriptor& network) : network_(network) {
    for (TensorIndex i = 0; i < network.tensors.size(); ++i) {
      const Tensor& tensor = network.tensors[i];
      add(by_identifier_, tensor.identifier, i);
      add(by_source_name_, tensor.source_name, i);
      add(by_name_, tensor.name, i);
    }
  }

  [[nodiscard]] Result<TensorIndex> find(std::string_view name) const {
    for (const Map* map : {&by_identifier_, &by_source_name_, &by_name_}) {
      const auto found = map->find(name);
      if (found != map->end() && found->second) {
        return *found->second;
      }
      if (found != map->end()) {
        return Error{ErrorCode::bad_option,
                     fmt::format("more than one tensor has the name \"{}\"; use its identifier", shown(name)),
                     {}};
      }
    }
    return Error{ErrorCode::bad_option,
                 fmt::format("the network has no tensor \"{}\"; its inputs and outputs are {}", shown(name),
                             interface_list(network_)),
                 {}};
  }

 private:
  using Map = std::map<std::string, std::optional<TensorIndex>, std::less<>>;  // nothing: more than one

  static void add(Map& map, const std::string& name, TensorIndex tensor) {
    if (name.empty()) {
      return;
    }
    const auto [row, is_new] = map.emplace(name, tensor);
    if (!is_new) {
      row->second.reset();
    }
  }

  const NetworkDescriptor& network_;
  Map by_identifier_;
  Map by_source_name_;
  Map by_name_;
};

Result<void> set(NetworkDescriptor& network, TensorIndex index, Quantization quantization) {
  Tensor& tensor = network.tensors[index];
  quantization.source =
      quantization.kind == Quantization::Kind::unknown ? Quantization::Source::none : Quantization::Source::caller;
  if (const auto fault = quantization_fault(quantization, tensor)) {
    return Error{ErrorCode::bad_option,
                 fmt::format("tensor \"{}\" {}; give figures that fit it",
                             shown(tensor.identifier.empty() ? tensor.name : tensor.identifier), *fault),
                 {}};
  }
  tensor.quantization = std::move(quantization);
  return {};
}

/// Reads the JSON.
class Overrides {
 public:
  Overrides(std::string_view where, NetworkDescriptor& network) : where_(where), network_(network) {}

  Result<void> read(std::string_view text) {
    json::Document document;
    if (auto parsed = json::parse(text, where_, document); !parsed) {
      return bad_json("this is not JSON; it needs {\"tensors\": {\"name\": {\"scale\": 0.5, \"zero_point\": 0}}}");
    }
    json::Object root;
    json::Value tensors;
    json::Object entries;
    if (document.root.get(root) != simdjson::SUCCESS || !json::find(root, "tensors", tensors) ||
        tensors.get(entries) != simdjson::SUCCESS || root.size() != 1) {
      return bad_json("the file needs one object with one key, \"tensors\", that is an object of tensors' names");
    }
    const TensorNames names(network_);
    std::set<TensorIndex> seen;
    for (const auto entry : entries) {
      STM32TVM_TRY(quantization, read_entry(entry.key, entry.value));
      auto tensor = names.find(entry.key);
      if (!tensor) {
        return placed(std::move(tensor).error());
      }
      if (!seen.insert(*tensor).second) {
        return placed({ErrorCode::bad_option,
                       fmt::format("\"{}\" is a tensor that is there twice; keep one", shown(entry.key)),
                       {}});
      }
      if (auto done = set(network_, *tensor, quantization); !done) {
        return placed(std::move(done).error());
      }
    }
    return {};
  }

 private:
  [[nodiscard]] Error placed(Error error) const {
    error.where = where_;
    return error;
  }
  [[nodiscard]] Error bad_json(std::string message) const {
    return {ErrorCode::bad_json, std::move(message), std::string(where_)};
  }
  [[nodiscard]] Error wrong(std::string_view tensor, std::string_view key, json::Value value,
                            std::string_view needed) const {
    return bad_json(fmt::format("\"{}\" of \"{}\" is {}, and {} is needed", shown(key), shown(tensor),
                                json::type_name(value), needed));
  }

  /// A number, or an array of numbers.
  template <class Number>
  Result<std::vector<Number>> read_numbers(std::string_view tensor, std::string_view key, json::Value value,
                                           std::string_view needed) const {
    json::Array array;
    std::vector<Number> numbers;
    if (value.get(array) != simdjson::SUCCESS) {
      Number number{};
      if (value.get(number) != simdjson::SUCCESS) {
        return wrong(tensor, key, value, needed);
      }
      numbers.push_back(number);
      return numbers;
    }
    for (const json::Value element : array) {
      Number number{};
      if (element.get(number) != simdjson::SUCCESS) {
        return wrong(tensor, key, element, needed);
      }
      numbers.push_back(number);
    }
    return numbers;
  }

  Result<Quantization> read_entry(std::string_view tensor, json::Value value) const {
    json::Object entry;
    if (value.get(entry) != simdjson::SUCCESS) {
      return bad_json(fmt::format("\"{}\" is {}, and an object with \"scale\" and \"zero_point\" is needed",
                                  shown(tensor), json::type_name(value)));
    }
    Quantization read;
    std::set<std::string_view> seen;
    for (const auto field : entry) {
      if (!seen.insert(field.key).second) {
        return bad_json(fmt::format("\"{}\" of \"{}\" is there twice; keep one", shown(field.key), shown(tensor)));
      }
      STM32TVM_CHECK(read_field(tensor, field.key, field.value, read));
    }
    if (!seen.contains("scale") || !seen.contains("zero_point")) {
      return bad_json(
          fmt::format("\"{}\" lacks \"{}\"", shown(tensor), seen.contains("scale") ? "zero_point" : "scale"));
    }
    read.kind = read.axis == -1 ? Quantization::Kind::per_tensor : Quantization::Kind::per_axis;
    return read;
  }

  Result<void> read_field(std::string_view tensor, std::string_view key, json::Value value, Quantization& read) const {
    if (key == "scale") {
      STM32TVM_TRY(scales, read_numbers<double>(tensor, key, value, "a number or an array of numbers"));
      read.scales = scales;
      return {};
    }
    if (key == "zero_point") {
      constexpr std::string_view needed = "a whole number of 32 bits or an array of them";
      STM32TVM_TRY(numbers, read_numbers<std::int64_t>(tensor, key, value, needed));
      for (const std::int64_t number : numbers) {
        if (!is_int32(number)) {
          return wrong(tensor, key, value, needed);
        }
        read.zero_points.push_back(static_cast<std::int32_t>(number));
      }
      return {};
    }
    if (key == "axis") {
      std::int64_t axis = 0;
      if (value.get(axis) != simdjson::SUCCESS || !is_int32(axis)) {
        return wrong(tensor, key, value, "a whole number: -1 for none, or that of a dimension, from 0 on");
      }
      read.axis = static_cast<int>(axis);
      return {};
    }
    return bad_json(fmt::format("\"{}\" of \"{}\" is not known; the keys are \"scale\", \"zero_point\" and \"axis\"",
                                shown(key), shown(tensor)));
  }

  static bool is_int32(std::int64_t number) {
    return number >= std::numeric_limits<std::int32_t>::min() && number <= std::numeric_limits<std::int32_t>::max();
  }

  std::string_view where_;
  NetworkDescriptor& network_;
};

}  // namespace

Result<void> set_quantization(NetworkDescriptor& network, std::string_view tensor, Quantization quantization) {
  STM32TVM_TRY(index, TensorNames(network).find(tensor));
  return set(network, index, std::move(quantization));
}

Result<void> apply_quantization(std::string_view json, std::string_view where, NetworkDescriptor& network) {
  NetworkDescriptor changed = network;
  STM32TVM_CHECK(Overrides(where, changed).read(json));
  network = std::move(changed);
  return {};
}

}  // namespace v1
}  // namespace stm32tvm
