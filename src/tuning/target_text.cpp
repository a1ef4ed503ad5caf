// SPDX-License-Identifier: Apache-2.0
#include "tuning/target_text.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace stm32tvm::tuning {
namespace {

void add_key(std::string_view key, TargetText& target) {
  if (!key.empty() && std::find(target.keys.begin(), target.keys.end(), key) == target.keys.end()) {
    target.keys.emplace_back(key);
  }
}

/// Keys that TVM adds when the target names none: the device, and what the kind stands for.
void add_default_keys(TargetText& target) {
  if (!target.keys.empty()) {
    return;
  }
  add_key(target.device, target);
  add_key(target.kind == "llvm" || target.kind == "c" ? std::string_view("cpu") : std::string_view(target.kind),
          target);
}

void set_attribute(std::string_view name, std::string_view value, TargetText& target) {
  if (name == "keys") {
    while (!value.empty()) {
      const std::size_t comma = std::min(value.find(','), value.size());
      add_key(value.substr(0, comma), target);
      value.remove_prefix(std::min(comma + 1, value.size()));
    }
  } else if (name == "model") {
    target.model = value;
  } else if (name == "mcpu") {
    target.mcpu = value;
  } else if (name == "device") {
    target.device = value;
  }
}

std::string text_of(json::Object object, std::string_view name) {
  json::Value value;
  std::string_view text;
  return json::find(object, name, value) && value.get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

}  // namespace

TargetText read_target(std::string_view command_line) {
  TargetText target;
  while (true) {
    command_line.remove_prefix(std::min(command_line.find_first_not_of(' '), command_line.size()));
    if (command_line.empty()) {
      break;
    }
    std::string_view word = command_line.substr(0, command_line.find(' '));
    command_line.remove_prefix(word.size());
    const std::size_t equals = word.find('=');
    if (target.kind.empty() && !word.starts_with('-')) {
      target.kind = word;
    } else if (word.starts_with('-') && equals != std::string_view::npos) {
      const std::string_view name = word.substr(0, equals);
      set_attribute(name.substr(std::min(name.find_first_not_of('-'), name.size())), word.substr(equals + 1), target);
    }
  }
  add_default_keys(target);
  return target;
}

TargetText read_target(json::Value value) {
  TargetText target;
  json::Object object;
  if (value.get(object) != simdjson::SUCCESS) {
    return target;
  }
  target.kind = text_of(object, "kind");
  target.model = text_of(object, "model");
  target.mcpu = text_of(object, "mcpu");
  target.device = text_of(object, "device");
  json::Value keys;
  json::Array names;
  if (json::find(object, "keys", keys) && keys.get(names) == simdjson::SUCCESS) {
    for (const json::Value each : names) {
      std::string_view key;
      if (each.get(key) == simdjson::SUCCESS) {
        add_key(key, target);
      }
    }
  }
  add_default_keys(target);
  return target;
}

std::vector<std::string> lookup_scopes(const TargetText& target) {
  std::vector<std::string> scopes;
  if (!target.model.empty() && target.model != "unknown") {
    scopes.push_back("model " + target.model);
  }
  for (const std::string& key : target.keys) {
    scopes.push_back("key " + key);
  }
  return scopes;
}

const std::string& short_name(const TargetText& target) {
  if (!target.model.empty() && target.model != "unknown") {
    return target.model;
  }
  if (!target.mcpu.empty()) {
    return target.mcpu;
  }
  return target.device.empty() ? target.kind : target.device;
}

}  // namespace stm32tvm::tuning
