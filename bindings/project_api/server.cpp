// SPDX-License-Identifier: Apache-2.0
#include "server.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <string>
#include <vector>

#include "base85.hpp"

namespace stm32tvm::project_api {
namespace {

using Type = Parameter::Type;

/// Bytes of one answer to read_transport.
constexpr std::int64_t read_bytes_maximum = 65'536;

Failure failure(const Error& error, const std::string& log = {}) {
  return {Code::server, to_string(error), log};
}

/// The names of what TVM's client knows as failures of their own.
Failure failure_of(Transport::Status status) {
  return {Code::server, status == Transport::Status::timeout ? "IoTimeoutError" : "TransportClosedError"};
}

Deadline deadline_of(const Json& seconds) {
  constexpr double longest = 1e8;
  if (seconds.is_null()) {
    return {};
  }
  const std::chrono::duration<double> duration(std::min(seconds.get<double>(), longest));
  return std::chrono::steady_clock::now() + std::chrono::duration_cast<std::chrono::steady_clock::duration>(duration);
}

bool write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(descriptor, bytes.data(), bytes.size());
    if (count < 0 && errno != EINTR) {
      return false;
    }
    bytes.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
  }
  return true;
}

}  // namespace

std::string Server::answer(std::string_view line) {
  const auto request = read_request(line);
  if (const auto* const fault = std::get_if<Failure>(&request)) {
    return failure_line(nullptr, *fault);
  }
  const auto& read = std::get<Request>(request);
  log_.clear();
  const Outcome outcome = call(read);
  const auto* const fault = std::get_if<Failure>(&outcome);
  return fault == nullptr ? result_line(read.id, std::get<Json>(outcome)) : failure_line(read.id, *fault);
}

Server::Outcome Server::call(const Request& request) {
  struct Method {
    const char* name;
    std::vector<Parameter> parameters;
    Outcome (Server::*function)(const Json& parameters);
  };
  static const std::vector<Method> methods = {
      {"generate_project",
       {{"model_library_format_path", Type::text},
        {"standalone_crt_dir", Type::text},
        {"project_dir", Type::text},
        {"options", Type::object}},
       &Server::generate},
      {"build", {{"options", Type::object}}, &Server::build},
      {"flash", {{"options", Type::object}}, &Server::flash},
      {"open_transport", {{"options", Type::object}}, &Server::open},
      {"close_transport", {}, &Server::close},
      {"read_transport", {{"n", Type::count}, {"timeout_sec", Type::optional_seconds}}, &Server::read},
      {"write_transport", {{"data", Type::text}, {"timeout_sec", Type::optional_seconds}}, &Server::write}};
  if (request.method == "server_info_query") {
    const std::string fault = fault_of(request, {{"tvm_version", Type::text}});
    return fault.empty() ? info() : Failure{Code::parameters, fault};
  }
  const auto method = std::ranges::find(methods, request.method, &Method::name);
  if (method == methods.end()) {
    return Failure{Code::method, fmt::format("{}: no such method", request.method)};
  }
  const std::string fault = fault_of(request, method->parameters);
  return fault.empty() ? (this->*method->function)(request.parameters) : Failure{Code::parameters, fault};
}

Server::Outcome Server::info() {
  const std::string model = model_of(folder_).string();
  return Json{{"platform_name", "stm32tvm"},
              {"is_template", model.empty()},
              {"model_library_format_path", model},
              {"project_options", option_table()},
              {"protocol_version", 1}};
}

Server::Outcome Server::generate(const Json& parameters) {
  Options options;
  if (const auto set = options.set(parameters["options"]); !set) {
    return failure(set.error());
  }
  const auto done = generate_project(folder_, folder_ / parameters["model_library_format_path"].get<std::string>(),
                                     folder_ / parameters["project_dir"].get<std::string>(), options, host_, log_);
  return done ? Outcome(Json()) : failure(done.error(), log_);
}

Server::Outcome Server::build(const Json& parameters) {
  const auto project = Project::open(folder_);
  const auto options = project ? project->options(parameters["options"]) : project.error();
  const auto done = options ? project->build(*options, host_, log_) : options.error();
  return done ? Outcome(Json()) : failure(done.error(), log_);
}

Server::Outcome Server::flash(const Json& parameters) {
  const auto project = Project::open(folder_);
  const auto options = project ? project->options(parameters["options"]) : project.error();
  const auto done = options ? project->flash(*options, host_, log_) : options.error();
  return done ? Outcome(Json()) : failure(done.error(), log_);
}

Server::Outcome Server::open(const Json& parameters) {
  const auto project = Project::open(folder_);
  const auto options = project ? project->options(parameters["options"]) : project.error();
  if (!options) {
    return failure(options.error());
  }
  if (!transport_) {
    auto opened = project->open_transport(*options, host_);
    if (!opened) {
      return failure(opened.error());
    }
    transport_ = std::move(*opened);
  }
  return Json{{"timeouts",
               {{"session_start_retry_timeout_sec", options->number("session_start_retry_timeout_sec", 2)},
                {"session_start_timeout_sec", options->number("session_start_timeout_sec", 10)},
                {"session_established_timeout_sec", options->number("session_established_timeout_sec", 0)}}}};
}

Server::Outcome Server::close(const Json&) {
  transport_.reset();
  return Json();
}

Server::Outcome Server::read(const Json& parameters) {
  if (!transport_) {
    return failure_of(Transport::Status::closed);
  }
  const auto count = std::min(parameters["n"].get<std::int64_t>(), read_bytes_maximum);
  std::string bytes;
  const auto status = transport_->read(static_cast<std::size_t>(std::max<std::int64_t>(count, 1)),
                                       deadline_of(parameters["timeout_sec"]), host_, bytes);
  return status == Transport::Status::done ? Outcome(Json{{"data", base85_encode(bytes)}}) : failure_of(status);
}

Server::Outcome Server::write(const Json& parameters) {
  if (!transport_) {
    return failure_of(Transport::Status::closed);
  }
  const auto bytes = base85_decode(parameters["data"].get_ref<const std::string&>());
  if (!bytes) {
    return Failure{Code::parameters,
                   "method write_transport: parameter data: want base 85 as Python's b85encode writes"};
  }
  const auto status = transport_->write(*bytes, deadline_of(parameters["timeout_sec"]), host_);
  return status == Transport::Status::done ? Outcome(Json()) : failure_of(status);
}

void serve(const std::filesystem::path& folder, int read_descriptor, int write_descriptor) {
  // No request is longer; one that is, is none.
  constexpr std::size_t line_bytes_maximum = 64U << 20U;
  const FileDescriptor requests(read_descriptor);
  const FileDescriptor replies(write_descriptor);
  // A child that had them would keep the host from seeing this process end.
  fcntl(requests.get(), F_SETFD, FD_CLOEXEC);
  fcntl(replies.get(), F_SETFD, FD_CLOEXEC);
  static_cast<void>(std::signal(SIGPIPE, SIG_IGN));
  Server server(folder, requests.get());
  std::string received;
  std::size_t searched = 0;
  std::array<char, 4096> bytes{};
  while (received.size() < line_bytes_maximum) {
    const ssize_t count = ::read(requests.get(), bytes.data(), bytes.size());
    if (count == 0 || (count < 0 && errno != EINTR)) {
      return;
    }
    received.append(bytes.data(), static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    for (std::size_t end = 0; (end = received.find('\n', searched)) != std::string::npos; searched = 0) {
      if (!write_all(replies.get(), server.answer(std::string_view(received).substr(0, end)))) {
        return;
      }
      received.erase(0, end + 1);
    }
    searched = received.size();
  }
}

}  // namespace stm32tvm::project_api
