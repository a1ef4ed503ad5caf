// SPDX-License-Identifier: Apache-2.0
// The .params format: a header, the names, then as many arrays, all little-endian and without padding.
#include "network/parameters.hpp"

#include <fmt/format.h>

#include <cstring>
#include <type_traits>
#include <utility>

#include "support/try.hpp"

namespace stm32tvm {
namespace {

// kTVMNDArrayListMagic of apache/tvm include/tvm/runtime/ndarray.h, src/runtime/file_utils.h.
constexpr std::uint64_t list_magic = 0xF7E58D4F05049CB7U;
constexpr std::uint64_t array_magic = 0xDD5E40F096B4A13FU;

/// Takes values off the front of a member. Past the end everything reads as zero and ok() is false.
class Reader {
 public:
  explicit Reader(const Bytes& bytes) : bytes_(bytes) {}

  template <class T>
  T take() {
    static_assert(std::is_unsigned_v<T>);
    T value = 0;
    for (std::size_t i = 0; i < sizeof(T) && ok_; ++i) {
      if (position_ == bytes_.size()) {
        ok_ = false;
        return 0;
      }
      const auto byte = static_cast<unsigned char>(bytes_.data()[position_++]);
      value = static_cast<T>(value | static_cast<T>(static_cast<T>(byte) << (8 * i)));
    }
    return value;
  }
  Bytes take_bytes(std::uint64_t count) {
    if (!ok_ || count > bytes_.size() - position_) {
      ok_ = false;
      return {};
    }
    Bytes taken = bytes_.part(position_, static_cast<std::size_t>(count));
    position_ += taken.size();
    return taken;
  }
  [[nodiscard]] bool ok() const noexcept { return ok_; }
  [[nodiscard]] std::size_t position() const noexcept { return position_; }
  [[nodiscard]] std::size_t left() const noexcept { return bytes_.size() - position_; }

 private:
  const Bytes& bytes_;
  std::size_t position_ = 0;
  bool ok_ = true;
};

Error damaged(const Reader& reader, std::string_view where, std::string_view what) {
  return Error{ErrorCode::bad_parameters,
               fmt::format("the parameters are damaged: {}; copy or export the archive again", what),
               fmt::format("{} byte {}", where, reader.position())};
}

Result<Parameter> read_array(Reader& reader, const std::string& name, std::string_view where,
                             const ModelLimits& limits) {
  if (reader.take<std::uint64_t>() != array_magic) {
    return damaged(reader, where, fmt::format("no array starts here for parameter \"{}\"", name));
  }
  reader.take<std::uint64_t>();  // reserved
  reader.take<std::uint32_t>();  // device type: the values lie in the file whatever it says
  reader.take<std::uint32_t>();  // device id
  const auto rank = reader.take<std::uint32_t>();
  Parameter parameter;
  const auto code = reader.take<std::uint8_t>();
  parameter.type.bits = reader.take<std::uint8_t>();
  parameter.type.lanes = reader.take<std::uint16_t>();
  if (code > static_cast<std::uint8_t>(DataType::Code::bfloat)) {
    return damaged(reader, where, fmt::format("parameter \"{}\" has the unknown type code {}", name, code));
  }
  parameter.type.code = static_cast<DataType::Code>(code);
  if (!reader.ok() || rank > limits.rank) {
    return damaged(reader, where,
                   fmt::format("parameter \"{}\" has {} dimensions, at most {} are read", name, rank, limits.rank));
  }
  parameter.shape.resize(rank);
  for (std::int64_t& dimension : parameter.shape) {
    dimension = static_cast<std::int64_t>(reader.take<std::uint64_t>());
    if (dimension < 0) {
      return damaged(reader, where, fmt::format("parameter \"{}\" has the dimension {}", name, dimension));
    }
  }
  const auto stated = reader.take<std::uint64_t>();
  STM32TVM_TRY(needed, tensor_bytes(parameter.type, parameter.shape, "parameter", name, where, limits));
  if (reader.ok() && stated != needed) {
    return damaged(reader, where,
                   fmt::format("parameter \"{}\" states {} bytes where its shape needs {}", name, stated, needed));
  }
  parameter.values = reader.take_bytes(needed);
  if (!reader.ok()) {
    return damaged(reader, where, fmt::format("the file ends inside parameter \"{}\"", name));
  }
  return parameter;
}

}  // namespace

Result<std::uint64_t> tensor_bytes(DataType type, const std::vector<std::int64_t>& shape, std::string_view kind,
                                   std::string_view name, std::string_view where, const ModelLimits& limits) {
  const auto too_large = [&] {
    return Error{ErrorCode::limit_exceeded,
                 fmt::format("{} \"{}\" is larger than {} bytes; raise ModelLimits::tensor_bytes if that is meant",
                             kind, name, limits.tensor_bytes),
                 std::string(where)};
  };
  std::uint64_t bytes = type.bytes();
  if (bytes > limits.tensor_bytes) {
    return too_large();
  }
  for (const std::int64_t dimension : shape) {
    if (dimension < 0) {
      return Error{
          ErrorCode::bad_graph,
          fmt::format("{} \"{}\" has the dimension {}; only tensors of a fixed shape can be planned, so export the "
                      "model with fixed input shapes",
                      kind, name, dimension),
          std::string(where)};
    }
    // Compared before it is multiplied, so the product cannot wrap.
    const auto factor = static_cast<std::uint64_t>(dimension);
    if (factor != 0 && bytes > limits.tensor_bytes / factor) {
      return too_large();
    }
    bytes *= factor;
  }
  return bytes;
}

Result<std::map<std::string, Parameter, std::less<>>> read_parameters(const Bytes& member, std::string_view where,
                                                                      const ModelLimits& limits) {
  Reader reader(member);
  if (reader.take<std::uint64_t>() != list_magic) {
    return Error{ErrorCode::bad_parameters,
                 "this is no parameter file of TVM (its first eight bytes are not the magic number); export the model "
                 "again",
                 std::string(where)};
  }
  reader.take<std::uint64_t>();  // reserved
  const auto name_count = reader.take<std::uint64_t>();
  if (name_count > reader.left() / sizeof(std::uint64_t)) {
    return damaged(reader, where, fmt::format("it states {} names, more than fit into the file", name_count));
  }
  std::vector<std::string> names;
  names.reserve(static_cast<std::size_t>(name_count));
  for (std::uint64_t i = 0; i < name_count; ++i) {
    const auto length = reader.take<std::uint64_t>();
    names.emplace_back(reader.take_bytes(length).view());
  }
  const auto array_count = reader.take<std::uint64_t>();
  if (!reader.ok() || array_count != name_count) {
    return damaged(reader, where,
                   reader.ok() ? fmt::format("it states {} names and {} arrays", name_count, array_count)
                               : std::string("the file ends inside the names"));
  }
  std::map<std::string, Parameter, std::less<>> parameters;
  for (std::string& name : names) {
    STM32TVM_TRY(parameter, read_array(reader, name, where, limits));
    if (!parameters.emplace(name, std::move(parameter)).second) {
      return damaged(reader, where, fmt::format("parameter \"{}\" is there twice", name));
    }
  }
  return parameters;
}

}  // namespace stm32tvm
