// SPDX-License-Identifier: Apache-2.0
// The table is text that self_test/record.cmake wrote: a line that says of what, then one for each output of each
// operator and sample, in this order.
#include "emit/self_test.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "emit/applications.hpp"
#include "emit/build/build_files.hpp"
#include "emit/c_writer.hpp"
#include "emit/kernel_options.hpp"
#include "emit/network_tables.hpp"
#include "emit/template.hpp"
#include "stm32tvm/version.hpp"
#include "support/relative_path.hpp"
#include "support/try.hpp"
#include "tree/manifest.hpp"

namespace stm32tvm {
namespace {

/// Bytes of inputs in the image: samples past it are left out, but for the first.
constexpr std::uint64_t samples_bytes_maximum = std::uint64_t{32} * 1024;

/// STVM_SELF_TEST_VALUES of runtime_c/stvm_self_test.h.
constexpr std::uint64_t values_maximum = 8;

/// The first samples, as many as fit.
std::span<const Sample> capped(const std::vector<Sample>& samples) {
  std::uint64_t bytes = 0;
  std::size_t count = 0;
  for (; count < samples.size(); ++count) {
    for (const Bytes& input : samples[count].inputs) {
      bytes += input.size();
    }
    if (count > 0 && bytes > samples_bytes_maximum) {
      break;
    }
  }
  return {samples.data(), count};
}

/// Of all that decides what operators put out: kernels, constants, samples.
std::string signature(const NetworkLayout& layout, std::span<const Sample> samples) {
  std::string all;
  for (const KernelSource& source : layout.network.sources) {
    all += source.text.view();
  }
  for (const TensorIndex tensor : layout.table) {
    const auto& constant = layout.network.tensors[view_place(layout.network, tensor).root].constant;
    all += constant ? constant->view() : std::string_view();
  }
  for (const Sample& sample : samples) {
    for (const Bytes& input : sample.inputs) {
      all += input.view();
    }
  }
  return hash_of(all).substr(0, 32);
}

/// In how many parts the tensor is compared; 0 for its CRC.
std::uint64_t value_count(const Tensor& tensor) {
  const DataType type = tensor.type;
  const bool is_float =
      type.code == DataType::Code::floating_point && type.lanes == 1 && (type.bits == 32 || type.bits == 64);
  return is_float ? std::min(tensor.bytes / type.bytes(), values_maximum) : 0;
}

struct Table {
  std::vector<std::string> rows;    ///< initialisers of stvm_self_test_row
  std::vector<std::string> values;  ///< hexadecimal words
};

/// The words of a line, by single spaces.
std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  while (!line.empty()) {
    const std::size_t end = std::min(line.find(' '), line.size());
    words.push_back(line.substr(0, end));
    line.remove_prefix(std::min(end + 1, line.size()));
  }
  return words;
}

bool is_word32(std::string_view text) {
  std::uint32_t value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  return text.size() == 8 && fault == std::errc() && end == text.data() + text.size();
}

class TableReader {
 public:
  explicit TableReader(std::string_view text) : rest_(text) {}

  /// Reads the line that says of what the table is.
  Result<void> read_header(const std::string& signature) {
    const std::string needed = "stm32tvm self-test 1 " + signature;
    const std::string_view found = next_line();
    if (found != needed) {
      return Error{ErrorCode::bad_option,
                   fmt::format("the table of the self-test starts with \"{}\", and this network on these samples needs "
                               "\"{}\"; record it again with self_test/record.cmake",
                               shown(found), needed),
                   "self-test table"};
    }
    return {};
  }

  /// Reads the line of one output.
  Result<void> read_row(std::size_t sample, std::size_t row, std::size_t output, std::uint64_t count, Table& table) {
    const std::string start = fmt::format("{} {} {} {}", sample, row, output, count == 0 ? "crc" : "float");
    const std::string_view found = next_line();
    const std::vector<std::string_view> words = words_of(found);
    const std::size_t numbers = count == 0 ? 1 : static_cast<std::size_t>(count);
    if (!found.starts_with(start) || words.size() != 4 + numbers ||
        !std::all_of(words.begin() + 4, words.end(), is_word32)) {
      return Error{ErrorCode::bad_option,
                   fmt::format("line {} of the self-test's table is \"{}\", and \"{}\" with {} hexadecimal words is "
                               "needed; record it again with self_test/record.cmake",
                               line_, shown(found), start, numbers),
                   "self-test table"};
    }
    table.rows.push_back(count == 0 ? fmt::format("{{0x{}, 0, 0}}", words[4])
                                    : fmt::format("{{0, {}, {}}}", table.values.size(), count));
    for (std::size_t i = 0; i < count; ++i) {
      table.values.push_back(fmt::format("0x{}", words[4 + i]));
    }
    return {};
  }

 private:
  std::string_view next_line() {
    ++line_;
    const std::size_t end = std::min(rest_.find('\n'), rest_.size());
    std::string_view line = rest_.substr(0, end);
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    if (line.ends_with('\r')) {
      line.remove_suffix(1);
    }
    return line;
  }

  std::string_view rest_;
  std::size_t line_ = 0;
};

Result<Table> read_table(const NetworkLayout& layout, std::span<const Sample> samples, std::string_view text) {
  Table table;
  TableReader reader(text);
  STM32TVM_CHECK(reader.read_header(signature(layout, samples)));
  for (std::size_t sample = 0; sample < samples.size(); ++sample) {
    for (std::size_t row = 0; row < layout.operators.size(); ++row) {
      const std::vector<Argument>& outputs = layout.network.operators[layout.operators[row]].outputs;
      for (std::size_t i = 0; i < outputs.size(); ++i) {
        const Tensor& tensor = layout.network.tensors[outputs[i].tensor];
        STM32TVM_CHECK(reader.read_row(sample, row, i, value_count(tensor), table));
      }
    }
  }
  return table;
}

/// The arrays of the samples' inputs, and the one of pointers to them.
void write_inputs(CWriter& out, const CIdentifier& name, std::span<const Sample> samples) {
  std::vector<std::string> pointers;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    for (std::size_t j = 0; j < samples[i].inputs.size(); ++j) {
      std::vector<unsigned> bytes;
      for (const char byte : samples[i].inputs[j].view()) {
        bytes.push_back(static_cast<unsigned char>(byte));
      }
      pointers.push_back(fmt::format("{}_sample_{}_input_{}", name, i, j));
      out.open("static const uint8_t {}[{}] = {{", pointers.back(), bytes.size()).values(bytes).close("};");
    }
  }
  out.line("/* All inputs, sample after sample. */");
  out.open("static const void* const {}_sample_inputs[{}] = {{", name, pointers.size()).values(pointers).close("};");
  out.blank();
}

std::string source_text(const NetworkLayout& layout, std::span<const Sample> samples, const Table& table) {
  const CIdentifier& name = layout.name;
  CWriter out;
  out.lines(file_banner(layout.network, "The self-test: samples, and what each operator puts out for them."));
  out.line("#include \"{}_self_test.h\"", name).blank().line("#include <stddef.h>").blank();
  out.line("extern const stvm_details {}_stvm_details;", name).blank();
  write_inputs(out, name, samples);
  if (!table.values.empty()) {
    out.line("/* Means of parts of tensors, as the bits of float32 numbers. */");
    out.open("static const uint32_t {}_self_test_values[{}] = {{", name, table.values.size()).values(table.values);
    out.close("};").blank();
  }
  if (!table.rows.empty()) {
    out.line("/* Of each output of each operator, sample after sample: CRC-32, or first mean and number of them. */");
    out.open("static const stvm_self_test_row {}_self_test_rows[{}] = {{", name, table.rows.size()).values(table.rows);
    out.close("};").blank();
  }
  out.open("const stvm_self_test {}_self_test_tables = {{", name);
  out.line(".details = &{}_stvm_details,", name);
  out.line(".inputs = {}_sample_inputs,", name);
  out.line(".rows = {},", table.rows.empty() ? "NULL" : fmt::format("{}_self_test_rows", name));
  out.line(".values = {},", table.values.empty() ? "NULL" : fmt::format("{}_self_test_values", name));
  out.line(".sample_count = {},", samples.size());
  out.close("};").blank();
  out.open("stvm_self_test_status {}_self_test(const stvm_context* instance, stvm_self_test_result* result) {{", name);
  out.line("return stvm_self_test_run(&{}_self_test_tables, instance, result);", name).close("}");
  return out.text();
}

}  // namespace

Result<void> check_self_test(const NetworkDescriptor& network, const EmitOptions& options) {
  const bool is_application = options.application == EmitOptions::Application::self_test;
  if (options.self_test.empty()) {
    if (is_application || !options.self_test_table.empty()) {
      return Error{
          ErrorCode::bad_option, "the self-test needs samples to run; give a folder of them with --self-test", {}};
    }
    return {};
  }
  if (network.inputs.empty()) {
    return Error{ErrorCode::bad_option, "the network has no inputs, so a self-test has no samples to run", {}};
  }
  if (options.build_system != EmitOptions::BuildSystem::cmake) {
    return Error{ErrorCode::bad_option,
                 "the table of the self-test is recorded with CMake; leave the build system at cmake",
                 {}};
  }
  return check_samples(network, options.self_test);
}

Result<void> add_self_test(const NetworkLayout& layout, const EmitOptions& options, BuildUnit& unit, SourceTree& tree) {
  if (options.self_test.empty()) {
    return {};
  }
  const std::span<const Sample> samples = capped(options.self_test);
  Table table;
  if (!options.self_test_table.empty()) {
    STM32TVM_TRY(read, read_table(layout, samples, options.self_test_table));
    table = read;
  }
  const std::string name = layout.name.text();
  const std::string stem = name + "/" + name + "_self_test";
  STM32TVM_TRY(header,
               fill_template("self_test/network_self_test.h",
                             {{"NAME", name}, {"UPPER", layout.upper}, {"SIGNATURE", signature(layout, samples)}}));
  STM32TVM_CHECK(tree.add(stem + ".h", header));
  STM32TVM_CHECK(tree.add(stem + ".c", source_text(layout, samples, table)));
  unit.sources.push_back({stem + ".c", warning_options});
  STM32TVM_TRY(cmake, fill_template("self_test/CMakeLists.txt", {{"NAME", name}, {"VERSION", STM32TVM_VERSION}}));
  STM32TVM_TRY(record, fill_template("self_test/record.cmake", {{"VERSION", STM32TVM_VERSION}}));
  STM32TVM_TRY(program, fill_template("self_test/self_test.c", {{"NAME", name}, {"UPPER", layout.upper}}));
  STM32TVM_CHECK(tree.add("self_test/CMakeLists.txt", cmake));
  STM32TVM_CHECK(tree.add("self_test/record.cmake", record));
  STM32TVM_CHECK(tree.add("self_test/self_test.c", program));
  return add_instance(layout, options, "self_test", tree);
}

}  // namespace stm32tvm
