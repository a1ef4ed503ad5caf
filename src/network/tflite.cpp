// SPDX-License-Identifier: Apache-2.0
// Reads the few fields that are needed through FlatBuffers' verifier and its access to tables by field number: no
// generated code for TFLite's schema.
#include "network/tflite.hpp"

#include <flatbuffers/flatbuffers.h>
#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "support/try.hpp"

namespace stm32tvm {
namespace {

constexpr const char* file_identifier = "TFL3";

/// Where field `number` of a table has its place in the table's vtable.
constexpr flatbuffers::voffset_t field(unsigned number) {
  return static_cast<flatbuffers::voffset_t>(4 + 2 * number);
}

/// A table with what all of them need; FlatBuffers lays its classes over the file's bytes.
class FileTable : private flatbuffers::Table {
 public:
  template <class T>
  [[nodiscard]] T number(unsigned at, T otherwise) const {
    return GetField<T>(field(at), otherwise);
  }
  template <class T>
  [[nodiscard]] const T* pointer(unsigned at) const {
    return GetPointer<const T*>(field(at));
  }
  template <class T>
  [[nodiscard]] const flatbuffers::Vector<T>* vector(unsigned at) const {
    return pointer<flatbuffers::Vector<T>>(at);
  }

 protected:
  [[nodiscard]] bool start(flatbuffers::Verifier& verifier) const { return VerifyTableStart(verifier); }
  template <class T>
  [[nodiscard]] bool is_number(flatbuffers::Verifier& verifier, unsigned at) const {
    return VerifyField<T>(verifier, field(at), sizeof(T));
  }
  template <class T>
  [[nodiscard]] bool is_vector(flatbuffers::Verifier& verifier, unsigned at) const {
    return VerifyOffset(verifier, field(at)) && verifier.VerifyVector(vector<T>(at));
  }
  template <class T>
  [[nodiscard]] bool is_vector_of_tables(flatbuffers::Verifier& verifier, unsigned at) const {
    return is_vector<flatbuffers::Offset<T>>(verifier, at) &&
           verifier.VerifyVectorOfTables(vector<flatbuffers::Offset<T>>(at));
  }
  template <class T>
  [[nodiscard]] bool is_table(flatbuffers::Verifier& verifier, unsigned at) const {
    return VerifyOffset(verifier, field(at)) && verifier.VerifyTable(pointer<T>(at));
  }
  [[nodiscard]] bool is_string(flatbuffers::Verifier& verifier, unsigned at) const {
    return VerifyOffset(verifier, field(at)) && verifier.VerifyString(pointer<flatbuffers::String>(at));
  }
};

/// The file's tables, by the names and field numbers of TFLite's schema. What is not verified is not read.
struct QuantizationTable : FileTable {
  static constexpr unsigned scale = 2;
  static constexpr unsigned zero_point = 3;
  static constexpr unsigned quantized_dimension = 6;
  // NOLINTNEXTLINE(readability-identifier-naming): FlatBuffers calls it so.
  bool Verify(flatbuffers::Verifier& verifier) const {
    return start(verifier) && is_vector<float>(verifier, scale) && is_vector<std::int64_t>(verifier, zero_point) &&
           is_number<std::int32_t>(verifier, quantized_dimension) && verifier.EndTable();
  }
};

struct TensorTable : FileTable {
  static constexpr unsigned shape = 0;
  static constexpr unsigned type = 1;
  static constexpr unsigned name = 3;
  static constexpr unsigned quantization = 4;
  // NOLINTNEXTLINE(readability-identifier-naming)
  bool Verify(flatbuffers::Verifier& verifier) const {
    return start(verifier) && is_vector<std::int32_t>(verifier, shape) && is_number<std::int8_t>(verifier, type) &&
           is_string(verifier, name) && is_table<QuantizationTable>(verifier, quantization) && verifier.EndTable();
  }
};

struct SubGraphTable : FileTable {
  static constexpr unsigned tensors = 0;
  static constexpr unsigned inputs = 1;
  static constexpr unsigned outputs = 2;
  // NOLINTNEXTLINE(readability-identifier-naming)
  bool Verify(flatbuffers::Verifier& verifier) const {
    return start(verifier) && is_vector_of_tables<TensorTable>(verifier, tensors) &&
           is_vector<std::int32_t>(verifier, inputs) && is_vector<std::int32_t>(verifier, outputs) &&
           verifier.EndTable();
  }
};

struct ModelTable : FileTable {
  static constexpr unsigned subgraphs = 2;
  // NOLINTNEXTLINE(readability-identifier-naming)
  bool Verify(flatbuffers::Verifier& verifier) const {
    return start(verifier) && is_vector_of_tables<SubGraphTable>(verifier, subgraphs) && verifier.EndTable();
  }
};

using Tensors = flatbuffers::Vector<flatbuffers::Offset<TensorTable>>;

Error bad_file(std::string message, std::string where = {}) {
  return {ErrorCode::bad_option, std::move(message), std::move(where)};
}

/// TFLite's TensorType; nothing for a type that no tensor of a network has.
std::optional<DataType> data_type(std::int8_t type) {
  switch (type) {
    case 0:
      return DataType{DataType::Code::floating_point, 32, 1};
    case 1:
      return DataType{DataType::Code::floating_point, 16, 1};
    case 2:
      return DataType{DataType::Code::signed_integer, 32, 1};
    case 3:
      return DataType{DataType::Code::unsigned_integer, 8, 1};
    case 4:
      return DataType{DataType::Code::signed_integer, 64, 1};
    case 6:
      return DataType{DataType::Code::unsigned_integer, 1, 1};
    case 7:
      return DataType{DataType::Code::signed_integer, 16, 1};
    case 9:
      return DataType{DataType::Code::signed_integer, 8, 1};
    case 10:
      return DataType{DataType::Code::floating_point, 64, 1};
    default:
      return std::nullopt;
  }
}

/// Reads the tensors of one subgraph. Tensors of a hostile file may share bytes; what is read of them all together is
/// no more than the file's size.
class SubGraphReader {
 public:
  SubGraphReader(const SubGraphTable& graph, std::size_t file_bytes)
      : graph_(graph),
        tensors_(graph.vector<flatbuffers::Offset<TensorTable>>(SubGraphTable::tensors)),
        left_(file_bytes) {}

  Result<std::vector<TfliteTensor>> read(unsigned at, const char* kind) {
    std::vector<TfliteTensor> tensors;
    const auto* indices = graph_.vector<std::int32_t>(at);
    for (flatbuffers::uoffset_t i = 0; indices != nullptr && i < indices->size(); ++i) {
      STM32TVM_TRY(tensor, read_tensor(indices->Get(i), fmt::format("{} {}", kind, i)));
      tensors.push_back(tensor);
    }
    return tensors;
  }

 private:
  Result<void> spend(std::size_t bytes, const std::string& where) {
    if (bytes > left_) {
      return bad_file("the inputs and outputs of the file are larger than the file; it is damaged", where);
    }
    left_ -= bytes;
    return {};
  }

  Result<TfliteTensor> read_tensor(std::int32_t index, const std::string& where) {
    if (tensors_ == nullptr || index < 0 || static_cast<std::uint32_t>(index) >= tensors_->size()) {
      return bad_file(
          fmt::format("the file has no tensor {}, which it names as an input or output; it is damaged", index), where);
    }
    const TensorTable& table = *tensors_->Get(static_cast<flatbuffers::uoffset_t>(index));
    const auto type_number = table.number<std::int8_t>(TensorTable::type, 0);
    const auto type = data_type(type_number);
    if (!type) {
      return bad_file(fmt::format("the tensor is of TFLite's type {}, which no input or output here has; give the file "
                                  "that the archive was made from",
                                  type_number),
                      where);
    }
    TfliteTensor read{{}, *type, {}, {}};
    if (const auto* name = table.pointer<flatbuffers::String>(TensorTable::name)) {
      STM32TVM_CHECK(spend(name->size(), where));
      read.name = name->str();
    }
    if (const auto* shape = table.vector<std::int32_t>(TensorTable::shape)) {
      STM32TVM_CHECK(spend(shape->size() * sizeof(std::int32_t), where));
      read.shape.assign(shape->begin(), shape->end());
    }
    STM32TVM_TRY(quantization,
                 read_quantization(table.pointer<QuantizationTable>(TensorTable::quantization), *type, where));
    read.quantization = quantization;
    return read;
  }

  Result<Quantization> read_quantization(const QuantizationTable* table, DataType type, const std::string& where) {
    Quantization read{Quantization::Kind::unquantized, Quantization::Source::tflite, {}, {}, -1};
    const auto* scales = table == nullptr ? nullptr : table->vector<float>(QuantizationTable::scale);
    if (scales == nullptr || scales->size() == 0 || !type.is_integer()) {
      return read;
    }
    const auto* zero_points = table->vector<std::int64_t>(QuantizationTable::zero_point);
    const std::size_t zero_point_count = zero_points == nullptr ? 0 : zero_points->size();
    if (zero_point_count != scales->size()) {
      return bad_file(fmt::format("the tensor has {} scales and {} zero points, and it needs as many of each; convert "
                                  "the model again",
                                  scales->size(), zero_point_count),
                      where);
    }
    STM32TVM_CHECK(spend(zero_point_count * (sizeof(float) + sizeof(std::int64_t)), where));
    for (flatbuffers::uoffset_t i = 0; i < scales->size(); ++i) {
      std::int64_t zero_point = 0;
      // The verifier leaves open whether eight-byte elements lie on an eight-byte boundary.
      std::memcpy(&zero_point, zero_points->Data() + i * sizeof(zero_point), sizeof(zero_point));
      zero_point = flatbuffers::EndianScalar(zero_point);
      if (zero_point < std::numeric_limits<std::int32_t>::min() ||
          zero_point > std::numeric_limits<std::int32_t>::max()) {
        return bad_file(fmt::format("the zero point {} does not fit 32 bits; convert the model again", zero_point),
                        where);
      }
      read.scales.push_back(static_cast<double>(scales->Get(i)));
      read.zero_points.push_back(static_cast<std::int32_t>(zero_point));
    }
    read.kind = scales->size() == 1 ? Quantization::Kind::per_tensor : Quantization::Kind::per_axis;
    if (read.kind == Quantization::Kind::per_axis) {
      read.axis = table->number<std::int32_t>(QuantizationTable::quantized_dimension, 0);
    }
    return read;
  }

  const SubGraphTable& graph_;
  const Tensors* tensors_;
  std::size_t left_;
};

/// FlatBuffers reads numbers where they lie, so the file must lie as it was meant to: a copy on a boundary of 16 bytes.
class AlignedCopy {
 public:
  explicit AlignedCopy(std::string_view bytes) : words_((bytes.size() + sizeof(Word) - 1) / sizeof(Word)) {
    std::memcpy(words_.data(), bytes.data(), bytes.size());
  }
  [[nodiscard]] const std::uint8_t* data() const { return reinterpret_cast<const std::uint8_t*>(words_.data()); }

 private:
  struct alignas(16) Word {
    std::uint8_t bytes[16];
  };
  std::vector<Word> words_;
};

}  // namespace

Result<TfliteInterface> read_tflite(std::string_view file) {
  constexpr std::size_t smallest = 16;
  if (file.size() < smallest || file.substr(4, 4) != file_identifier) {
    return bad_file(
        "this is no TFLite file: it does not have the identifier TFL3; give the file the archive was made from");
  }
  if (file.size() >= FLATBUFFERS_MAX_BUFFER_SIZE) {
    return bad_file(fmt::format("the TFLite file has {} bytes, and its format holds 2 GiB", file.size()));
  }
  const AlignedCopy copy(file);
  flatbuffers::Verifier verifier(copy.data(), file.size());
  if (!verifier.VerifyBuffer<ModelTable>(file_identifier)) {
    return bad_file("the TFLite file is damaged: an offset in it points outside of it; convert the model again");
  }
  const auto* graphs =
      flatbuffers::GetRoot<ModelTable>(copy.data())->vector<flatbuffers::Offset<SubGraphTable>>(ModelTable::subgraphs);
  if (graphs == nullptr || graphs->size() == 0) {
    return bad_file("the TFLite file holds no graph; convert the model again");
  }
  SubGraphReader reader(*graphs->Get(0), file.size());
  STM32TVM_TRY(inputs, reader.read(SubGraphTable::inputs, "input"));
  STM32TVM_TRY(outputs, reader.read(SubGraphTable::outputs, "output"));
  return TfliteInterface{std::move(inputs), std::move(outputs)};
}

}  // namespace stm32tvm
