// SPDX-License-Identifier: Apache-2.0
// What drives the board's tools is data in the tree: a program runs the commands of stm32tvm.json, and knows no board.
#include <fmt/format.h>

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "emit/build/build_files.hpp"

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

/// The ways to write the image, the first whose program is there being taken. A nested list stands only where the
/// serial number of a probe is given, for {probe}.
Json flash_ways(const Target& target, const std::string& image) {
  Json ways = Json::array();
  if (target.probe != "ST-LINK") {
    return ways;
  }
  ways.push_back(Json::array(
      {command("STM32_Programmer_CLI", {"-c", "port=SWD", Json::array({"sn={probe}"}), "-w", image, "-v", "-rst"})}));
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
  json["flash"] = flash_ways(target, image);
  if (!target.qemu_machine.empty()) {
    json["run"] =
        command("qemu-system-arm", {"-M", target.qemu_machine, "-display", "none", "-monitor", "none", "-serial",
                                    "null", "-chardev", "stdio,id=console", "-semihosting-config",
                                    "enable=on,target=native,chardev=console", "-icount", "shift=0", "-kernel", image});
  }
  return tree.add("stm32tvm.json", json.dump(2) + "\n");
}

}  // namespace stm32tvm
