// SPDX-License-Identifier: Apache-2.0
#include "tuning/provenance.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <utility>

#include "support/try.hpp"
#include "tuning/json_text.hpp"

namespace stm32tvm::tuning {
namespace {

void add_text(std::string_view name, const std::string& value, std::string& out) {
  if (!value.empty()) {
    out += fmt::format(", \"{}\": {}", name, json_string(value));
  }
}

Error bad(std::string message) {
  return {ErrorCode::bad_json, std::move(message), ""};
}

Result<std::string> text(json::Value value, std::string_view member) {
  std::string_view read;
  if (value.get(read) != simdjson::SUCCESS || read.empty()) {
    return bad(fmt::format("\"{}\" of the provenance must be a string that is not empty; leave out what is not known",
                           member));
  }
  return std::string(read);
}

Result<void> set_member(std::string_view member, json::Value value, Provenance& provenance) {
  if (member == "clock_hz") {
    if (value.get(provenance.clock_hz) != simdjson::SUCCESS || provenance.clock_hz == 0) {
      return bad("\"clock_hz\" of the provenance must be a number of hertz above 0; leave out what is not known");
    }
    return {};
  }
  STM32TVM_TRY(read, text(value, member));
  if (member == "measured") {
    if (read != "hardware" && read != "emulation") {
      return bad("\"measured\" of the provenance must be \"hardware\" or \"emulation\"");
    }
    provenance.measured = read == "hardware" ? Provenance::Measured::hardware : Provenance::Measured::emulation;
  } else if (member == "board") {
    provenance.board = read;
  } else if (member == "compiler") {
    provenance.compiler = read;
  } else if (member == "flags") {
    provenance.flags = read;
  } else if (member == "tvm_version") {
    provenance.tvm_version = read;
  } else {
    return bad(fmt::format("the provenance has a member \"{}\", which is not one that is known; remove it", member));
  }
  return {};
}

}  // namespace

std::string write_provenance(const Provenance& provenance) {
  std::string out = fmt::format("{{\"measured\": \"{}\"", name(provenance.measured));
  add_text("board", provenance.board, out);
  if (provenance.clock_hz != 0) {
    out += fmt::format(", \"clock_hz\": {}", provenance.clock_hz);
  }
  add_text("compiler", provenance.compiler, out);
  add_text("flags", provenance.flags, out);
  add_text("tvm_version", provenance.tvm_version, out);
  return out + "}";
}

Result<Provenance> read_provenance(json::Value value) {
  json::Object object;
  if (value.get(object) != simdjson::SUCCESS) {
    return bad("the provenance must be an object");
  }
  Provenance provenance;
  for (const auto& [member, each] : object) {
    STM32TVM_CHECK(set_member(member, each, provenance));
  }
  if (provenance.measured == Provenance::Measured::unset) {
    return bad(
        "the provenance does not say what the record was measured on; set \"measured\" to hardware or emulation");
  }
  return provenance;
}

bool matches(const Provenance& provenance, const Provenance& filter) {
  const auto same = [](const std::string& is, const std::string& wanted) { return wanted.empty() || is == wanted; };
  return (filter.measured == Provenance::Measured::unset || provenance.measured == filter.measured) &&
         (filter.clock_hz == 0 || provenance.clock_hz == filter.clock_hz) && same(provenance.board, filter.board) &&
         same(provenance.compiler, filter.compiler) && same(provenance.flags, filter.flags) &&
         same(provenance.tvm_version, filter.tvm_version);
}

std::string_view name(Provenance::Measured measured) {
  switch (measured) {
    case Provenance::Measured::unset:
      break;
    case Provenance::Measured::hardware:
      return "hardware";
    case Provenance::Measured::emulation:
      return "emulation";
  }
  return "unset";
}

}  // namespace stm32tvm::tuning
