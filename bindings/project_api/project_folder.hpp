// SPDX-License-Identifier: Apache-2.0
// The folders that the Project API is about: the template, and projects generated from it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "options.hpp"
#include "stm32tvm/result.hpp"
#include "transport.hpp"

namespace stm32tvm::project_api {

/// What option project_type offers.
std::vector<std::string> project_type_names();

/// Writes the template folder: the launch script that TVM's clients start, which starts `program`, and boards.json.
Result<void> write_template(const std::filesystem::path& folder, const std::filesystem::path& program);

/// Writes a project into a folder that is not there yet; on failure it is still not there. The launch script comes from
/// the template. `log` gets the last lines of what a tool prints; `host` as in wait().
Result<void> generate_project(const std::filesystem::path& template_folder, const std::filesystem::path& model,
                              const std::filesystem::path& folder, const Options& options, int host, std::string& log);

/// The model in a generated project's folder; empty when the folder is none.
std::filesystem::path model_of(const std::filesystem::path& folder);

/// A generated project.
class Project {
 public:
  static Result<Project> open(const std::filesystem::path& folder);

  /// The options that it was generated with, and these.
  [[nodiscard]] Result<Options> options(const Json& values) const;

  /// `log` gets the last lines of what the tools print; `host` as in wait().
  Result<void> build(const Options& options, int host, std::string& log) const;
  Result<void> flash(const Options& options, int host, std::string& log) const;
  [[nodiscard]] Result<Transport> open_transport(const Options& options, int host) const;

 private:
  std::filesystem::path folder_;
  Options options_;
};

}  // namespace stm32tvm::project_api
