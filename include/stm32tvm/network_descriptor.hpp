// SPDX-License-Identifier: Apache-2.0
// Step 3. NetworkDescriptor: what one network is. Plain values, so that a host can inspect, compare or build one by
// hand.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "stm32tvm/bytes.hpp"
#include "stm32tvm/data_type.hpp"
#include "stm32tvm/diagnostic.hpp"

namespace stm32tvm {
inline namespace v1 {

/// Index into NetworkDescriptor::tensors.
using TensorIndex = std::uint32_t;

/// How an integer tensor stands for real numbers: real = scale * (q - zero_point).
struct Quantization {
  enum class Kind {
    unknown,      ///< nothing in the archive tells
    unquantized,  ///< the values are the real values
    per_tensor,   ///< one scale and zero point
    per_axis      ///< one scale and zero point for each index along `axis`
  };
  /// Where the figures come from.
  enum class Source {
    none,    ///< there are no figures
    relay,   ///< the archive's Relay text: scales have six significant digits
    tflite,  ///< the TFLite file the archive was made from: scales are exact
    caller   ///< given by the caller
  };

  Kind kind = Kind::unknown;
  Source source = Source::none;
  std::vector<double> scales;             ///< one, or one for each index along `axis`
  std::vector<std::int32_t> zero_points;  ///< as many as scales
  int axis = -1;                          ///< -1 unless per_axis

  friend bool operator==(const Quantization&, const Quantization&) = default;
};

/// One tensor: a network input, an output, a parameter, or an inner one. Outputs may be read by operators too.
struct Tensor {
  std::string name;  ///< as the archive has it: any bytes
  /// The source model's name of an input or output: any bytes; empty when it is not known.
  std::string source_name;
  /// C identifier of an input or output, unique among these whatever the letter case; empty for other tensors.
  std::string identifier;
  DataType type;
  std::vector<std::int64_t> shape;     ///< empty for a scalar; no negative dimension
  std::uint64_t bytes = 0;             ///< size in memory, without padding
  std::optional<Bytes> constant;       ///< a parameter's values, `bytes` bytes, little-endian, C order
  std::optional<TensorIndex> view_of;  ///< the tensor whose bytes, or a part of them, this one shows
  std::uint64_t view_offset = 0;       ///< where in that tensor this one starts, in bytes
  std::uint32_t weights_group = 0;     ///< of a constant: index in NetworkDescriptor::weights_groups
  Quantization quantization;

  friend bool operator==(const Tensor&, const Tensor&) = default;
};

/// A span of a kernel's top-level statements, both ends included. Whole-kernel spans are {0, statement_count - 1}.
struct StatementSpan {
  std::uint32_t first = 0;
  std::uint32_t last = 0;

  friend bool operator==(const StatementSpan&, const StatementSpan&) = default;
};

/// One argument of an operator's call.
struct Argument {
  TensorIndex tensor = 0;
  StatementSpan use;  ///< the statements that touch the tensor

  friend bool operator==(const Argument&, const Argument&) = default;
};

/// One buffer that a kernel takes with TVMBackendAllocWorkspace. Kernels take at most one live buffer from each entry;
/// equal sizes that are never live together share an entry.
struct Workspace {
  std::uint64_t bytes = 0;
  StatementSpan use;

  friend bool operator==(const Workspace&, const Workspace&) = default;
};

/// A statement of loops that reads one memory of its kernel for the last time while it begins to write another. When
/// the first starts at least `lead` bytes behind the start of the second, each of its bytes is read before it is
/// written over, and so the two may overlap. Memories count from 0: inputs, outputs, pools, workspaces, one behind the
/// other.
struct Handover {
  std::uint32_t from = 0;  ///< the memory that is read
  std::uint32_t to = 0;    ///< the memory that is written
  std::uint64_t lead = 0;  ///< bytes

  friend bool operator==(const Handover&, const Handover&) = default;
};

/// One call in the network.
struct Operator {
  enum class Kind {
    kernel,  ///< calls the archive's function `kernel`
    copy     ///< copies its input to its output, or does nothing when they are the same memory: __nop and __copy
  };
  Kind kind = Kind::kernel;
  std::string name;               ///< node name in the archive: any bytes
  std::string kernel;             ///< C function; empty for a copy
  std::vector<Argument> inputs;   ///< in the order of the call
  std::vector<Argument> outputs;  ///< in the order of the call, behind the inputs
  std::vector<Argument> pools;  ///< in the order of the call, behind the outputs: memories that TVM's planner laid out
  /// The kernel's C parameters when it takes one pointer for each argument: "int8_t*". Empty when it takes DLTensors.
  std::vector<std::string> parameter_types;
  std::vector<Workspace> workspaces;
  std::vector<Handover> handovers;    ///< each pair at most once
  std::uint32_t statement_count = 1;  ///< top-level statements of the kernel, the grain of every StatementSpan
  std::uint64_t stack_bytes = 0;      ///< the kernel's local arrays
  bool reuses_bytes = false;          ///< may use the same bytes of a pool as several types, one after the other

  friend bool operator==(const Operator&, const Operator&) = default;
};

/// A C source of the archive, with the name it is emitted under (without the network's prefix).
struct KernelSource {
  std::string name;  ///< "lib0.c"
  Bytes text;
  std::vector<std::string> definitions;  ///< its functions and variables with external linkage, sorted

  friend bool operator==(const KernelSource&, const KernelSource&) = default;
};

/// An object file of the archive, which is linked as it is: what its code takes and touches is not known, and its
/// symbols keep their names.
struct KernelObject {
  std::string name;                      ///< "lib0.o"
  Bytes contents;                        ///< a relocatable ELF file
  std::string machine;                   ///< ELF's machine: "arm", "x86_64"
  std::vector<std::string> definitions;  ///< symbols with external linkage, sorted

  friend bool operator==(const KernelObject&, const KernelObject&) = default;
};

/// What the network needs beside its own sources. Each list is sorted and free of duplicates.
struct Needs {
  std::vector<std::string> headers;             ///< as included: "math.h", "arm_acle.h"
  std::vector<std::string> math_functions;      ///< of libm: "expf"
  std::vector<std::string> cmsis_nn_functions;  ///< "arm_convolve_wrapper_s8"
  /// The sources of CMSIS-NN that define these, as paths in a checkout of cmsis_nn_version; they call others in turn.
  std::vector<std::string> cmsis_nn_sources;
  std::string cmsis_nn_version;  ///< empty when nothing of CMSIS-NN is called
  bool ethos_u = false;          ///< calls the driver of an Ethos-U
  bool arm_simd = false;         ///< uses the DSP extension's intrinsics

  friend bool operator==(const Needs&, const Needs&) = default;
};

/// How one constant of the archive is stored: a parameter, a constant in a pool, or an array in the generated C.
struct StoredConstant {
  std::string name;                  ///< as the archive has it: any bytes
  DataType exported;                 ///< the type of its elements in the archive
  DataType stored;                   ///< the type of its elements in the image
  std::uint64_t exported_bytes = 0;  ///< in the archive
  std::uint64_t stored_bytes = 0;    ///< in the image; 0 when an equal constant stands for it
  std::string reason;                ///< why it is not narrower; empty when it is narrower than in the archive

  friend bool operator==(const StoredConstant&, const StoredConstant&) = default;
};

/// A group of constants: where it is stored, in what form, and from where a run reads it.
struct WeightsGroup {
  enum class Place {
    flash,     ///< in the image, beside the code: read where it is
    external,  ///< at an address, as of a QSPI flash that the application has mapped: read where it is
    ram,       ///< copied to RAM whenever an instance is made
    fetch      ///< read into the arena before its first use in each run, by a function of the application's
  };
  enum class Format {
    incbin,      ///< a .bin file that the assembler brings into the image: gcc and clang
    c_array,     ///< a C array in the image: any toolchain
    elf_object,  ///< an object file that is linked into the image: Arm
    binary,      ///< a .bin file that is written beside the image
    intel_hex    ///< an Intel HEX file, with its address, that is written beside the image
  };

  std::string name = "weights";      ///< a C identifier, part of the names of files and symbols
  std::vector<std::string> tensors;  ///< names of its constants; empty: all that are in no other group
  Place place = Place::flash;
  std::optional<Format> format;  ///< nothing: that of EmitOptions; for `fetch` a .bin file
  std::optional<std::uint64_t>
      address;  ///< where it is stored; nothing: wherever the image is, or what is fetched from
  /// Starts with a header that has a CRC-32, which is checked whenever an instance is made.
  bool is_checked = false;

  friend bool operator==(const WeightsGroup&, const WeightsGroup&) = default;
};

/// What one network is: step 3.
struct NetworkDescriptor {
  std::string module_name;           ///< TVM's libmod_name
  std::string executor;              ///< "graph", "aot" or "operator"
  std::vector<std::string> targets;  ///< TVM target strings
  std::string export_datetime;
  std::string tvm_version;  ///< empty when the archive does not say
  int format_version = 0;   ///< of the archive; 0 for a descriptor made by hand

  std::vector<Tensor> tensors;
  std::vector<TensorIndex> inputs;           ///< in call order
  std::vector<TensorIndex> outputs;          ///< in call order
  std::vector<TensorIndex> parameters;       ///< constant tensors, in the order the operators first use them
  std::vector<WeightsGroup> weights_groups;  ///< empty: one, as WeightsGroup's defaults say
  std::vector<TensorIndex> pools;   ///< memories that TVM's own planner laid out: operators write views of them
  std::vector<Operator> operators;  ///< in execution order
  std::vector<KernelSource> sources;
  std::vector<StoredConstant> constants;  ///< how narrowing stored them; empty when all are as exported
  std::vector<KernelObject> objects;
  Needs needs;
  std::vector<Diagnostic> diagnostics;

  friend bool operator==(const NetworkDescriptor&, const NetworkDescriptor&) = default;
};

/// The descriptor as JSON, keys in a fixed order, two-space indent. Constant values and
/// source texts are left out: their sizes stand for them.
std::string to_json(const NetworkDescriptor& network);

}  // namespace v1
}  // namespace stm32tvm
