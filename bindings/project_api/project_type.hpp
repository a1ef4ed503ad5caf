// SPDX-License-Identifier: Apache-2.0
// The kinds of project: what each emits, how it is built, and how an emulator is wired to it. A kind is a row of the
// table in the source.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "options.hpp"
#include "stm32tvm/stm32tvm.hpp"

namespace stm32tvm::project_api {

using Command = std::vector<std::string>;

struct ProjectType {
  const char* name;
  /// `recorded` is what `record` wrote; empty before it has run.
  Result<SourceTree> (*emit)(const ModelLibrary& library, const Target& target, const Options& options,
                             std::string_view recorded);
  std::vector<Command> build;  ///< run one after the other in the project's folder
  const char* program;         ///< what is built there
  /// Options of QEMU: its clock, and the line, which is descriptor 3. On a board, the line is the serial port.
  Command emulator;
  /// Run in the project's folder to emit it once more, with what is then in file `recorded`; empty: emitted once.
  Command record = {};
  const char* recorded = "";
};

const std::vector<ProjectType>& project_types();

Result<const ProjectType*> find_project_type(const std::string& name);

}  // namespace stm32tvm::project_api
