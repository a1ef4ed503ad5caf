// SPDX-License-Identifier: Apache-2.0
// Collects a network's constants with the code that reads them, and stores those that may be narrower.
#include "network/narrow_constants.hpp"

#include <fmt/format.h>

#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "network/constant_pool.hpp"
#include "network/constant_reads.hpp"
#include "network/constant_widths.hpp"
#include "support/text_edits.hpp"

namespace stm32tvm {
namespace {

/// A constant in a pool, and the pointers of kernels to it.
struct Piece {
  struct Pointer {
    const PoolPointer* pointer = nullptr;
    std::size_t source = 0;
    std::string_view kernel;
  };
  std::vector<Pointer> pointers;
  std::size_t constant = 0;
};

struct Pool {
  std::string reason;                     ///< why it stays as it is; empty when it may change
  std::map<std::uint64_t, Piece> pieces;  ///< by offset; each reaches to the next
};

/// All that the calls of a kernel give to one of its parameters.
struct Slot {
  std::set<TensorIndex> tensors;
  bool pool = false;
};

struct Array {
  std::size_t source = 0;
  const SourceArray* array = nullptr;
  const ConstantReads* reads = nullptr;
  std::string values;
  std::size_t constant = 0;
};

/// The type of "int16_t" and the like.
std::optional<DataType> data_type(std::string_view c_type) {
  return c_type.ends_with("_t") ? parse_data_type(c_type.substr(0, c_type.size() - 2)) : std::nullopt;
}

class Narrowing {
 public:
  Narrowing(const std::vector<SourceOutline>& outlines, NetworkDescriptor& network) : network_(network) {
    read_sources(outlines);
  }

  void run() {
    collect_slots();
    add_parameters();
    add_pools();
    add_arrays();
    widths_.decide();
    edit_reads();
    store_parameters();
    store_pools();
    store_arrays();
    apply();
  }

 private:
  [[nodiscard]] const Constant& constant(std::size_t index) const { return widths_.constants()[index]; }

  void read_sources(const std::vector<SourceOutline>& outlines) {
    NameSet names;
    for (const Operator& call : network_.operators) {
      names.insert(call.kernel);
    }
    for (const SourceOutline& outline : outlines) {
      sources_.push_back(find_constant_reads(outline, names));
    }
    for (std::size_t i = 0; i < sources_.size(); ++i) {
      for (KernelReads& kernel : sources_[i].kernels) {
        kernels_.emplace(kernel.name, std::pair(i, &kernel));
      }
    }
    for (const std::string_view name : called_besides(sources_)) {
      if (const auto found = kernels_.find(name); found != kernels_.end()) {
        for (ParameterReads& parameter : found->second.second->parameters) {
          parameter.reads.other_use = parameter.other_pool_use = "more than the network's operators call its kernel";
        }
      }
    }
  }

  void collect_slots() {
    for (const Operator& call : network_.operators) {
      std::size_t parameter = 0;
      for (const auto* arguments : {&call.inputs, &call.outputs, &call.pools}) {
        for (const Argument& argument : *arguments) {
          if (call.kind == Operator::Kind::copy) {
            kept_.emplace(argument.tensor, "it is copied as it is");
            continue;
          }
          Slot& slot = slots_[{call.kernel, parameter++}];
          slot.tensors.insert(argument.tensor);
          slot.pool = slot.pool || arguments == &call.pools;
        }
      }
    }
    for (const Tensor& tensor : network_.tensors) {
      if (tensor.view_of) {
        kept_.emplace(*tensor.view_of, "kernels get parts of it");
      }
    }
  }

  /// Where a parameter's kernel stands, and what it does with the parameter; nothing when it is not in the sources.
  [[nodiscard]] std::optional<std::pair<std::size_t, const ParameterReads*>> find(std::string_view kernel,
                                                                                  std::size_t parameter) const {
    const auto found = kernels_.find(kernel);
    if (found == kernels_.end() || parameter >= found->second.second->parameters.size()) {
      return std::nullopt;
    }
    return std::pair(found->second.first, &found->second.second->parameters[parameter]);
  }

  [[nodiscard]] std::string kept(TensorIndex tensor) const {
    const auto found = kept_.find(tensor);
    return found == kept_.end() ? std::string() : found->second;
  }

  void add_parameters() {
    std::set<TensorIndex> in_pools;
    std::map<TensorIndex, std::string> reasons;
    for (const auto& [key, slot] : slots_) {
      bool constants = true;
      for (const TensorIndex tensor : slot.tensors) {
        constants = constants && network_.tensors[tensor].constant && !network_.tensors[tensor].view_of;
      }
      for (const TensorIndex tensor : slot.tensors) {
        if (slot.pool) {
          in_pools.insert(tensor);
        } else if (!find(key.first, key.second)) {
          reasons.emplace(tensor, "its kernel is not in the generated C");
        } else if (!constants) {
          reasons.emplace(tensor, "its kernel is called with tensors that are no constants, too");
        }
      }
    }
    for (const TensorIndex index : network_.parameters) {
      const Tensor& tensor = network_.tensors[index];
      if (tensor.constant && !tensor.view_of && !in_pools.contains(index)) {
        const auto reason = reasons.find(index);
        parameters_.emplace(index, widths_.add(tensor.name, tensor.type, tensor.constant->view(),
                                               reason == reasons.end() ? kept(index) : reason->second));
      }
    }
    for (const auto& [key, slot] : slots_) {
      std::vector<std::size_t> constants;
      for (const TensorIndex tensor : slot.tensors) {
        if (const auto found = parameters_.find(tensor); found != parameters_.end()) {
          constants.push_back(found->second);
        }
      }
      if (const auto reads = find(key.first, key.second); reads && !constants.empty()) {
        widths_.add_reader({&reads->second->reads, reads->first, key.first, std::move(constants)});
      }
    }
  }

  void add_pools() {
    for (const auto& [key, slot] : slots_) {
      for (const TensorIndex tensor : slot.tensors) {
        if (slot.pool && network_.tensors[tensor].constant && !network_.tensors[tensor].view_of) {
          add_pool_slot(key.first, key.second, slot, tensor);
        }
      }
    }
    for (const auto& [key, slot] : slots_) {
      for (const TensorIndex tensor : slot.tensors) {
        if (const auto pool = pools_.find(tensor); pool != pools_.end() && !slot.pool) {
          pool->second.reason = "a kernel gets it as a tensor";
        }
      }
    }
    for (auto& [tensor, pool] : pools_) {
      add_pieces(tensor, pool);
    }
  }

  void add_pool_slot(std::string_view kernel, std::size_t parameter, const Slot& slot, TensorIndex tensor) {
    Pool& pool = pools_.try_emplace(tensor, Pool{kept(tensor), {}}).first->second;
    const auto reads = find(kernel, parameter);
    if (!reads) {
      pool.reason = "a kernel that gets it is not in the generated C";
      return;
    }
    if (!reads->second->other_pool_use.empty()) {
      pool.reason = reads->second->other_pool_use;
    } else if (slot.tensors.size() > 1) {
      pool.reason = "a kernel gets this pool and others";
    }
    for (const PoolPointer& pointer : reads->second->pointers) {
      if (pointer.offset >= network_.tensors[tensor].bytes) {
        pool.reason = "a kernel points behind its end";
      }
      pool.pieces[pointer.offset].pointers.push_back({&pointer, reads->first, kernel});
    }
  }

  void add_pieces(TensorIndex index, Pool& pool) {
    const Tensor& tensor = network_.tensors[index];
    if (!pool.reason.empty()) {
      return;
    }
    pool.pieces[0];
    for (auto piece = pool.pieces.begin(); piece != pool.pieces.end(); ++piece) {
      const auto next = std::next(piece);
      const std::uint64_t end = next == pool.pieces.end() ? tensor.bytes : next->first;
      std::string name = tensor.name;
      DataType type = tensor.type;
      for (const Piece::Pointer& each : piece->second.pointers) {
        name = each.pointer->reads.variable;
        type = data_type(each.pointer->reads.type).value_or(type);
      }
      piece->second.constant =
          widths_.add(std::move(name), type, tensor.constant->view().substr(piece->first, end - piece->first));
      for (const Piece::Pointer& each : piece->second.pointers) {
        widths_.add_reader({&each.pointer->reads, each.source, each.kernel, {piece->second.constant}});
      }
    }
  }

  void add_arrays() {
    for (std::size_t i = 0; i < sources_.size(); ++i) {
      for (const auto& [array, reads] : sources_[i].arrays) {
        if (auto values = read_integers(array.values, array.type, array.count)) {
          arrays_.push_back({i, &array, &reads, *std::move(values)});
        }
      }
    }
    for (Array& each : arrays_) {
      each.constant =
          widths_.add(std::string(each.array->name), data_type(each.array->type).value_or(DataType{}), each.values);
      widths_.add_reader({each.reads, each.source, {}, {each.constant}});
    }
  }

  /// The reads follow their constants' types.
  void edit_reads() {
    edits_.resize(sources_.size());
    std::map<std::pair<std::size_t, std::string_view>, std::vector<std::string>> edited;
    for (const Reader& reader : widths_.readers()) {
      const Constant& read = constant(reader.constants.front());
      if (!read.narrower() || reader.reads->accesses.empty()) {
        continue;
      }
      for (const ElementAccess& access : reader.reads->accesses) {
        edits_[reader.source].push_back({access.type, signed_type(read.width)});
      }
      edited[{reader.source, reader.kernel}].push_back(
          fmt::format("{} as {} instead of {}", reader.reads->variable, signed_type(read.width), reader.reads->type));
    }
    for (const auto& [place, reads] : edited) {
      const std::string& source = network_.sources[place.first].name;
      network_.diagnostics.push_back(
          {Diagnostic::Kind::note,
           fmt::format("constants are stored in narrower types, and the emitted copy reads {}", fmt::join(reads, ", ")),
           place.second.empty() ? source : fmt::format("{}: {}", source, place.second)});
    }
  }

  void record(const Constant& constant, std::uint64_t exported_bytes, std::uint64_t stored_bytes) {
    network_.constants.push_back({constant.name, constant.type, constant.stored_type(), exported_bytes, stored_bytes,
                                  constant.narrower() ? "" : constant.reason});
  }

  void store_parameters() {
    std::set<std::string_view> stored;
    for (const auto& [index, place] : parameters_) {
      Tensor& tensor = network_.tensors[index];
      const std::uint64_t exported_bytes = tensor.bytes;
      if (constant(place).narrower()) {
        tensor.constant = Bytes(constant(place).stored_values());
        tensor.bytes = tensor.constant->size();
        tensor.type = constant(place).stored_type();
      }
      const bool first = stored.insert(tensor.constant->view()).second;
      record(constant(place), exported_bytes, first ? tensor.bytes : 0);
    }
  }

  void store_pools() {
    for (const auto& [index, pool] : pools_) {
      Tensor& tensor = network_.tensors[index];
      if (!pool.reason.empty()) {
        network_.constants.push_back({tensor.name, tensor.type, tensor.type, tensor.bytes, tensor.bytes, pool.reason});
        continue;
      }
      std::map<std::string, std::uint64_t> stored;
      std::string bytes;
      for (const auto& [offset, piece] : pool.pieces) {
        constexpr std::size_t alignment = 16;  // TVM's
        std::string values = constant(piece.constant).stored_values();
        const std::size_t end = (bytes.size() + alignment - 1) / alignment * alignment;
        const auto [place, first] = stored.emplace(std::move(values), end);
        record(constant(piece.constant), constant(piece.constant).values.size(), first ? place->first.size() : 0);
        if (first) {
          bytes.resize(end);
          bytes += place->first;
        }
        for (const Piece::Pointer& each : piece.pointers) {
          if (place->second != offset) {
            edits_[each.source].push_back({each.pointer->digits, std::to_string(place->second)});
          }
        }
      }
      tensor.bytes = bytes.size();
      tensor.shape = {static_cast<std::int64_t>(bytes.size())};
      tensor.constant = Bytes(std::move(bytes));
    }
  }

  void store_arrays() {
    std::map<std::tuple<std::size_t, std::string, std::string_view, std::string>, std::string_view> stored;
    for (const Array& each : arrays_) {
      const SourceArray& array = *each.array;
      const Constant& values = constant(each.constant);
      const auto [place, first] = stored.emplace(
          std::tuple(each.source, to_string(values.stored_type()), array.attributes, values.stored_values()),
          array.name);
      record(values, each.values.size(), first ? array.count * values.width : 0);
      if (!first) {
        edits_[each.source].push_back({array.declaration, fmt::format("#define {} {}", array.name, place->second)});
      } else if (values.narrower()) {
        edits_[each.source].push_back({array.type, signed_type(values.width)});
      }
    }
  }

  void apply() {
    for (std::size_t i = 0; i < edits_.size(); ++i) {
      if (!edits_[i].empty()) {
        Bytes& text = network_.sources[i].text;
        text = Bytes(apply_edits(text.view(), std::move(edits_[i])));
      }
    }
  }

  NetworkDescriptor& network_;
  std::vector<SourceReads> sources_;  ///< of network_.sources
  std::map<std::string_view, std::pair<std::size_t, KernelReads*>> kernels_;
  std::map<std::pair<std::string_view, std::size_t>, Slot> slots_;  ///< by kernel and parameter
  std::map<TensorIndex, std::string> kept_;                         ///< tensors that have to stay, and why
  ConstantWidths widths_;
  std::map<TensorIndex, std::size_t> parameters_;  ///< constants
  std::map<TensorIndex, Pool> pools_;
  std::vector<Array> arrays_;
  std::vector<std::vector<TextEdit>> edits_;  ///< by source
};

}  // namespace

void narrow_constants(const std::vector<SourceOutline>& outlines, NetworkDescriptor& network) {
  Narrowing(outlines, network).run();
}

}  // namespace stm32tvm
