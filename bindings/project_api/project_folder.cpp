// SPDX-License-Identifier: Apache-2.0
#include "project_folder.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <string_view>
#include <system_error>

#include "project_type.hpp"
#include "support/read_file.hpp"
#include "support/try.hpp"

namespace stm32tvm::project_api {
namespace {

namespace fs = std::filesystem;

constexpr const char* launch_script = "launch_microtvm_api_server.sh";
constexpr const char* model_file = "model.tar";
constexpr const char* project_file = "project.json";
constexpr const char* boards_file = "boards.json";

/// TVM's own name of the part where it has one (tvm.target.target.micro), else the part's in lower case.
std::string model_name(const std::string& part) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 4> known = {
      {{"STM32F746", "stm32f746xx"}, {"STM32H7", "stm32h7xx"}, {"STM32L4R5", "stm32l4r5zi"}, {"STM32U5", "stm32u5xx"}}};
  for (const auto& [start, name] : known) {
    if (part.starts_with(start)) {
      return std::string(name);
    }
  }
  std::string name = part;
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return name;
}

/// The table that TVM's test helpers read.
std::string boards_json() {
  Json boards = Json::object();
  for (const Target& target : targets()) {
    boards[target.name] = {{"board", target.name},
                           {"model", model_name(target.part)},
                           {"is_qemu", !target.qemu_machine.empty()},
                           {"fpu", !target.fpu.empty()},
                           {"vid_hex", target.qemu_machine.empty() ? "0483" : ""},
                           {"pid_hex", target.qemu_machine.empty() ? "374b" : ""}};
  }
  return boards.dump(2) + "\n";
}

/// Writes the tree and makes the launch script executable.
Result<void> write(const SourceTree& tree, const fs::path& folder) {
  STM32TVM_CHECK(tree.write_to(folder));
  std::error_code error;
  constexpr auto executable = fs::perms::owner_exec | fs::perms::group_exec | fs::perms::others_exec;
  fs::permissions(folder / launch_script, executable, fs::perm_options::add, error);
  if (error) {
    return Error{ErrorCode::cannot_write,
                 fmt::format("the launch script cannot be made executable: {}", error.message()), folder.string()};
  }
  return {};
}

/// A shell's word for any text.
std::string quoted(const std::string& text) {
  std::string word = "'";
  for (const char c : text) {
    word += c == '\'' ? R"('\'')" : std::string(1, c);
  }
  return word + "'";
}

/// The tree with the files of the user's archive over its own.
Result<SourceTree> with_extra_files(const SourceTree& tree, const std::string& path) {
  STM32TVM_TRY(archive, Archive::open(path));
  SourceTree result;
  for (const Archive::Member& member : archive.members()) {
    STM32TVM_CHECK(result.add(member.path, member.contents));
  }
  for (const auto& [name, contents] : tree.files()) {
    if (result.find(name) == nullptr) {
      STM32TVM_CHECK(result.add(name, contents));
    }
  }
  return result;
}

Result<SourceTree> project_tree(const fs::path& template_folder, const fs::path& model, const ProjectType& type,
                                const Options& options, std::string_view recorded) {
  STM32TVM_TRY(target, find_target(options.text("board")));
  STM32TVM_TRY(bytes, read_file(model));
  STM32TVM_TRY(library, ModelLibrary::from_bytes(bytes));
  STM32TVM_TRY(tree, type.emit(library, target, options, recorded));
  STM32TVM_TRY(script, read_file(template_folder / launch_script));
  STM32TVM_CHECK(tree.add(launch_script, script));
  STM32TVM_CHECK(tree.add(boards_file, boards_json()));
  STM32TVM_CHECK(tree.add(model_file, bytes));
  STM32TVM_CHECK(tree.add(project_file, options.values().dump(2, ' ', true, Json::error_handler_t::replace) + "\n"));
  const std::string extra = options.text("extra_files_tar");
  return extra.empty() ? Result<SourceTree>(std::move(tree)) : with_extra_files(tree, extra);
}

/// Runs what records the project's own table, and tells what it wrote.
Result<Bytes> record(const ProjectType& type, const fs::path& folder, const Options& options, int host,
                     std::string& log) {
  STM32TVM_TRY(ended, run(type.record, folder, host, options.flag("verbose")));
  if (ended.status != 0) {
    log = ended.log;
    return Error{ErrorCode::bad_source,
                 fmt::format("{} ended with status {}; the network must build and run on this computer as well",
                             fmt::join(type.record, " "), ended.status),
                 {}};
  }
  const fs::path file = folder / type.recorded;
  // Its folder's absolute path is in there, and the project gets another one.
  std::error_code ignored;
  fs::remove_all(file.parent_path() / "build", ignored);
  return read_file(file);
}

/// A folder that is removed unless it was kept.
class Staged {
 public:
  explicit Staged(fs::path folder) : folder_(std::move(folder)) {}
  Staged(const Staged&) = delete;
  Staged& operator=(const Staged&) = delete;
  ~Staged() {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }
  [[nodiscard]] const fs::path& folder() const noexcept { return folder_; }

 private:
  fs::path folder_;
};

}  // namespace

Result<void> write_template(const fs::path& folder, const fs::path& program) {
  SourceTree tree;
  STM32TVM_CHECK(tree.add(launch_script, fmt::format(R"(#!/bin/sh
# Starts the Project API server for TVM's clients, which name this script and say where their pipes are.
program={}
[ -x "$program" ] || program=stm32tvm
exec "$program" project-api-server "$@"
)",
                                                     quoted(program.string()))));
  STM32TVM_CHECK(tree.add(boards_file, boards_json()));
  return write(tree, folder);
}

Result<void> generate_project(const fs::path& template_folder, const fs::path& model, const fs::path& folder,
                              const Options& options, int host, std::string& log) {
  STM32TVM_TRY(type, find_project_type(options.text("project_type")));
  std::error_code error;
  if (fs::exists(fs::symlink_status(folder, error))) {
    return Error{ErrorCode::cannot_write, "the project's folder exists already; name one that does not, or remove it",
                 folder.string()};
  }
  STM32TVM_TRY(tree, project_tree(template_folder, model, *type, options, {}));
  const Staged staged(folder.string() + fmt::format(".part-{}", getpid()));
  STM32TVM_CHECK(write(tree, staged.folder()));
  if (!type->record.empty()) {
    STM32TVM_TRY(recorded, record(*type, staged.folder(), options, host, log));
    STM32TVM_TRY(whole, project_tree(template_folder, model, *type, options, recorded.view()));
    STM32TVM_CHECK(write(whole, staged.folder()));
  }
  fs::rename(staged.folder(), folder, error);
  if (error) {
    return Error{ErrorCode::cannot_write, fmt::format("the project's folder cannot be made: {}", error.message()),
                 folder.string()};
  }
  return {};
}

fs::path model_of(const fs::path& folder) {
  std::error_code error;
  return fs::exists(folder / project_file, error) ? folder / model_file : fs::path();
}

Result<Project> Project::open(const fs::path& folder) {
  if (model_of(folder).empty()) {
    return Error{ErrorCode::bad_option, "this is the template and no generated project; generate one from it first",
                 folder.string()};
  }
  STM32TVM_TRY(text, read_file(folder / project_file));
  const Json values = Json::parse(text.view(), nullptr, false);
  if (!values.is_object()) {
    return Error{ErrorCode::bad_json, "the file is no JSON object; generate the project again",
                 (folder / project_file).string()};
  }
  Project project;
  project.folder_ = folder;
  STM32TVM_CHECK(project.options_.set(values));
  return project;
}

Result<Options> Project::options(const Json& values) const {
  Options options = options_;
  // What it was generated as, it is.
  Json others = values;
  others.erase("project_type");
  others.erase("board");
  STM32TVM_CHECK(options.set(others));
  return options;
}

Result<void> Project::build(const Options& options, int host, std::string& log) const {
  STM32TVM_TRY(type, find_project_type(options.text("project_type")));
  std::error_code error;
  fs::create_directory(folder_ / "build", error);
  for (const Command& command : type->build) {
    STM32TVM_TRY(ended, run(command, folder_, host, options.flag("verbose")));
    if (ended.status != 0) {
      log = ended.log;
      return Error{ErrorCode::bad_source,
                   fmt::format("the build failed: {} ended with status {}", fmt::join(command, " "), ended.status),
                   {}};
    }
  }
  return {};
}

Result<void> Project::flash(const Options& options, int host, std::string& log) const {
  STM32TVM_TRY(type, find_project_type(options.text("project_type")));
  STM32TVM_TRY(target, find_target(options.text("board")));
  std::error_code error;
  if (!fs::exists(folder_ / type->program, error)) {
    return Error{ErrorCode::cannot_read, "the firmware is not built; build it first",
                 (folder_ / type->program).string()};
  }
  if (!target.qemu_machine.empty()) {
    return {};  // an emulator loads the program when it starts
  }
  const std::string serial_number = options.text("serial_number");
  if (!std::ranges::all_of(serial_number, [](unsigned char c) { return std::isalnum(c) != 0; })) {
    return Error{ErrorCode::bad_option, "a serial number has letters and digits alone", serial_number};
  }
  if (target.openocd_target.empty()) {
    return Error{ErrorCode::unsupported, "it is not known how this board is flashed", target.name};
  }
  Command command = {"openocd", "-f", "interface/stlink.cfg"};
  if (!serial_number.empty()) {
    command.insert(command.end(), {"-c", "adapter serial " + serial_number});
  }
  command.insert(command.end(), {"-f", fmt::format("target/{}.cfg", target.openocd_target), "-c",
                                 fmt::format("program {} verify reset exit", type->program)});
  STM32TVM_TRY(ended, run(command, folder_, host, options.flag("verbose")));
  if (ended.status != 0) {
    log = ended.log;
    return Error{
        ErrorCode::cannot_write,
        fmt::format("flashing failed: openocd ended with status {}; check that the board is plugged in", ended.status),
        {}};
  }
  return {};
}

Result<Transport> Project::open_transport(const Options& options, int host) const {
  STM32TVM_TRY(type, find_project_type(options.text("project_type")));
  STM32TVM_TRY(target, find_target(options.text("board")));
  if (!target.qemu_machine.empty()) {
    std::error_code error;
    if (!fs::exists(folder_ / type->program, error)) {
      return Error{ErrorCode::cannot_read, "the firmware is not built; build it first",
                   (folder_ / type->program).string()};
    }
    Command command = {"qemu-system-arm", "-M", target.qemu_machine, "-display", "none", "-monitor", "none"};
    command.insert(command.end(), type->emulator.begin(), type->emulator.end());
    command.insert(command.end(), {"-kernel", type->program});
    return Transport::emulator(command, folder_, host);
  }
  if (target.console.registers == TargetConsole::Registers::none) {
    return Error{ErrorCode::unsupported,
                 "the registers of this board's serial port are not known, so the firmware has no line to this "
                 "computer; take another board, or an emulated one",
                 target.name};
  }
  const std::string port = options.text("port");
  if (!port.empty()) {
    return Transport::serial_port(port);
  }
  STM32TVM_TRY(found, find_serial_port(options.text("serial_number")));
  return Transport::serial_port(found);
}

}  // namespace stm32tvm::project_api
