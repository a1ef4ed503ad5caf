// SPDX-License-Identifier: Apache-2.0
// Any line is an Error or a record whose stored form reads back as itself, and whose rules can be checked.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "tuning/meta_schedule.hpp"
#include "tuning/record.hpp"
#include "tuning/rules.hpp"

namespace {

using namespace stm32tvm;
using namespace stm32tvm::tuning;

constexpr std::string_view provenance = R"({"measured": "hardware"})";

std::string padded(std::string_view text) {
  std::string copy;
  copy.reserve(text.size() + simdjson::SIMDJSON_PADDING);
  copy = text;
  return copy;
}

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

void check_record(const std::string& line) {
  RecordReader reader;
  StoredLine stored;
  if (!reader.read(line, provenance, stored)) {
    return;
  }
  const std::string text = padded(stored.text);
  StoredLine again;
  require(reader.read(text, "", again).has_value());
  require(again.text == text && again.key_size == stored.key_size && again.target == stored.target);
  Record record;
  if (!reader.read(text, record)) {
    return;
  }
  require(environment(record.line).ends_with('}'));
  static_cast<void>(broken_rules(text, record));
  static_cast<void>(record.mean());
  std::string storage;
  const std::string exported = padded(without_provenance(text, storage));
  require(reader.read(exported, "", again).has_value() == false);
  const std::string own = text.substr(text.rfind("\"provenance\": ") + std::string_view("\"provenance\": ").size());
  require(reader.read(exported, own.substr(0, own.size() - 1), again).has_value() && again.text == text);
}

void check_pair(const std::string& line) {
  LineParser parser;
  static_cast<void>(read_workload(line, parser));
  const auto record = read_pair_record(line, parser);
  if (!record) {
    return;
  }
  RecordReader reader;
  StoredLine stored;
  const std::string text = padded(stored_text(*record, "hash"));
  require(reader.read(text, provenance, stored).has_value());
  const auto again = read_pair_record(padded(pair_text(stored.text, record->workload)), parser);
  require(again.has_value() && again->trace == record->trace && again->run_seconds == record->run_seconds);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string line = padded({reinterpret_cast<const char*>(data), size});
  check_record(line);
  check_pair(line);
  return 0;
}
