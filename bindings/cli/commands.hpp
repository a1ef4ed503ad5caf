// SPDX-License-Identifier: Apache-2.0
// The verbs of the command-line program: what each takes, and the function that carries it out.
#pragma once

#include <filesystem>
#include <string>

#include "stm32tvm/stm32tvm.hpp"

namespace stm32tvm::cli {

/// What all verbs take.
struct ModelArguments {
  std::filesystem::path model;
  std::string module;                  ///< empty: the only one there is
  std::filesystem::path tflite;        ///< the file the archive was made from; empty: none
  std::filesystem::path quantization;  ///< JSON; empty: none
  PlanOptions plan;
};

struct AnalyzeArguments {
  ModelArguments model;
  bool json = false;
};

struct GenerateArguments {
  ModelArguments model;
  EmitOptions emit;
  std::string target;             ///< empty: no firmware
  std::filesystem::path samples;  ///< empty: none
  std::filesystem::path output;
  bool quiet = false;
};

/// The network, with what the user's own files say of its quantization.
Result<NetworkDescriptor> describe_network(const ModelLibrary& library, const ModelArguments& arguments);

/// Prints what the archive holds and what the network needs.
Result<void> analyze(const AnalyzeArguments& arguments);

/// Emits the network into a folder.
Result<void> generate(GenerateArguments arguments);

/// The samples of a folder: inI_K.bin are the inputs of sample K, outO_K.bin the outputs it should give.
Result<std::vector<Sample>> read_samples(const std::filesystem::path& folder, const NetworkDescriptor& network);

/// 12345 as "12,345".
std::string grouped(std::uint64_t value);

}  // namespace stm32tvm::cli
