// SPDX-License-Identifier: Apache-2.0
// What drives the board's tools is data in the tree: a program runs the commands of stm32tvm.json, and knows no board.
#include <fmt/format.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "emit/build/build_files.hpp"
#include "emit/template.hpp"
#include "stm32tvm/version.hpp"
#include "support/try.hpp"

namespace stm32tvm {
namespace {

using Json = nlohmann::ordered_json;
using BuildSystem = EmitOptions::BuildSystem;

Json command(const std::string& program, const Json& arguments) {
  return {{"program", program}, {"arguments", arguments}};
}

Json build_commands(const BuildDescription& build, BuildSystem build_system) {
  const std::string& target = build.firmware->target.name;
  if (build_system == BuildSystem::cmake) {
    return Json::array({command("cmake", {"--preset", target}), command("cmake", {"--build", "--preset", target})});
  }
  if (build_system == BuildSystem::csolution) {
    return Json::array({command("cbuild", Json::array({build.name + ".csolution.yml"}))});
  }
  return Json::array({command("make", Json::array())});
}

std::string image_of(const BuildDescription& build, BuildSystem build_system) {
  const std::string& target = build.firmware->target.name;
  const std::string& firmware = build.firmware->unit.name;
  if (build_system == BuildSystem::cmake) {
    return fmt::format("build/{}/{}/{}.elf", target, build.firmware->unit.folder, firmware);
  }
  return build_system == BuildSystem::csolution ? fmt::format("out/{0}/{1}/Release/{0}.elf", build.name, target)
                                                : fmt::format("build/{}.elf", firmware);
}

/// The ways to write the image, and what goes beside it, the first whose programs are there being taken. A nested list
/// stands only where a value is given for {probe}, a probe's serial number, or {loader}, the file that tells
/// STM32_Programmer_CLI how to write the board's external flash.
Json flash_ways(const Target& target, const std::string& image, const std::vector<FlashedFile>& files) {
  Json ways = Json::array();
  if (target.probe != "ST-LINK") {
    return ways;
  }
  const auto programmer = [](Json what) {
    Json arguments = {"-c", "port=SWD", Json::array({"sn={probe}"}), Json::array({"-el", "{loader}"})};
    arguments.insert(arguments.end(), what.begin(), what.end());
    return command("STM32_Programmer_CLI", arguments);
  };
  Json way = Json::array();
  for (const FlashedFile& file : files) {
    Json what = {"-w", file.path};
    if (file.path.ends_with(".bin")) {
      what.push_back(fmt::format("0x{:08x}", *file.address));
    }
    what.push_back("-v");
    way.push_back(programmer(what));
  }
  way.push_back(programmer({"-w", image, "-v", "-rst"}));
  ways.push_back(way);
  if (!files.empty()) {
    return ways;
  }
  if (!target.openocd_target.empty()) {
    ways.push_back(Json::array({command(
        "openocd", {"-f", "interface/stlink.cfg", Json::array({"-c", "adapter serial {probe}"}), "-f",
                    "target/" + target.openocd_target + ".cfg", "-c", "program " + image + " verify reset exit"})}));
  }
  const std::string hex = image.substr(0, image.rfind('.')) + ".hex";
  ways.push_back(Json::array(
      {command("st-flash", {Json::array({"--serial", "{probe}"}), "--reset", "--format", "ihex", "write", hex})}));
  ways.back().insert(ways.back().begin(), command("arm-none-eabi-objcopy", {"-O", "ihex", image, hex}));
  return ways;
}

Json run_command(const BuildDescription& build, const std::string& image) {
  Json arguments = {"-M",
                    build.firmware->target.qemu_machine,
                    "-display",
                    "none",
                    "-monitor",
                    "none",
                    "-serial",
                    "null",
                    "-chardev",
                    "stdio,id=console",
                    "-semihosting-config",
                    "enable=on,target=native,chardev=console",
                    "-icount",
                    "shift=0",
                    "-kernel",
                    image};
  for (const std::string& loader : qemu_loaders(build, "")) {
    arguments.push_back("-device");
    arguments.push_back(loader);
  }
  return command("qemu-system-arm", arguments);
}

/// As a shell takes it: no word of ours has spaces or quotes.
std::string shell_text(const Json& one) {
  std::string text = one["program"].get<std::string>();
  for (const Json& argument : one["arguments"]) {
    text += " " + argument.get<std::string>();
  }
  return text;
}

Result<void> add_ci_script(const BuildDescription& build, const Json& record, SourceTree& tree) {
  const FirmwareBuild& firmware = *build.firmware;
  const auto limit = [](const std::optional<std::uint64_t>& most) { return most ? std::to_string(*most) : ""; };
  std::string commands;
  for (const Json& each : record["build"]) {
    commands += (commands.empty() ? "" : "\n") + shell_text(each);
  }
  STM32TVM_TRY(text,
               fill_template("ci/ci.sh", {{"VERSION", STM32TVM_VERSION},
                                          {"BUILD", commands},
                                          {"IMAGE", record["image"].get<std::string>()},
                                          {"RUN", shell_text(record["run"])},
                                          {"RAM_START", fmt::format("0x{:08x}", firmware.target.ram().address)},
                                          {"FLASH_START", fmt::format("0x{:08x}", firmware.target.flash().address)},
                                          {"RAM_LIMIT", limit(firmware.budget.ram_bytes)},
                                          {"FLASH_LIMIT", limit(firmware.budget.flash_bytes)},
                                          {"TICKS_LIMIT", limit(firmware.budget.ticks)}}));
  return tree.add("ci.sh", text);
}

}  // namespace

Result<void> emit_project_record(const BuildDescription& build, BuildSystem build_system, SourceTree& tree) {
  const Target& target = build.firmware->target;
  const std::string image = image_of(build, build_system);
  Json json;
  json["format"] = 1;
  json["about"] = "The commands that build, write and run this firmware, for stm32tvm build, flash and run.";
  json["target"] = target.name;
  json["image"] = image;
  json["build"] = build_commands(build, build_system);
  json["flash"] = flash_ways(target, image, flashed_files(build));
  if (!target.qemu_machine.empty()) {
    json["run"] = run_command(build, image);
    if (build.firmware->has_golden_check) {
      STM32TVM_CHECK(add_ci_script(build, json, tree));
    }
  }
  return tree.add("stm32tvm.json", json.dump(2) + "\n");
}

}  // namespace stm32tvm
