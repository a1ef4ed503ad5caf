// SPDX-License-Identifier: Apache-2.0
// The Project API server: one request after the other, for the client that started it.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "message.hpp"
#include "project_folder.hpp"
#include "transport.hpp"

namespace stm32tvm::project_api {

class Server {
 public:
  /// Serves the template or the generated project in `folder`; `host` is the pipe that the host sends requests on.
  Server(std::filesystem::path folder, int host) : folder_(std::move(folder)), host_(host) {}

  /// Carries out a line and returns the line that answers it.
  std::string answer(std::string_view line);

 private:
  using Outcome = std::variant<Json, Failure>;

  Outcome call(const Request& request);
  Outcome info();
  Outcome generate(const Json& parameters);
  Outcome build(const Json& parameters);
  Outcome flash(const Json& parameters);
  Outcome open(const Json& parameters);
  Outcome close(const Json& parameters);
  Outcome read(const Json& parameters);
  Outcome write(const Json& parameters);

  std::filesystem::path folder_;
  int host_;
  std::optional<Transport> transport_;
  std::string log_;  ///< of the tools that the present request ran
};

/// Serves until the host closes its end of the pipe. Both descriptors become this process's own.
void serve(const std::filesystem::path& folder, int read_descriptor, int write_descriptor);

}  // namespace stm32tvm::project_api
