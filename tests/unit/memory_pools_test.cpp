// SPDX-License-Identifier: Apache-2.0
// mempools.json as ST's tools write it, and what is wrong with others.
#include "stm32tvm/memory_pools.hpp"

#include <doctest/doctest.h>

#include <string>

namespace {

using stm32tvm::read_memory_pools;

TEST_CASE("pools come in order of preference, with sizes and addresses") {
  const auto pools = read_memory_pools(R"({"version": "1.0", "memory": {"cpu": "m7", "mempools": [
      {"name": "sdram", "prop": {"throughput": "LOW", "latency": "HIGH"}, "size": {"value": "8", "magnitude": "MBYTES"},
       "offset": {"value": "0xC0000000", "magnitude": "BYTES"}},
      {"name": "rom", "rights": "ACC_READ", "size": {"value": 1, "magnitude": "MBYTES"}},
      {"name": "sram", "size": {"value": 320, "magnitude": "KBYTES"}},
      {"name": "dtcm", "prop": {"throughput": "HIGH", "latency": "LOW"}, "size": {"value": "0x20000"}},
      {"name": "axi", "prop": {"throughput": "HIGH", "latency": "MID"}, "size": {"value": "512", "magnitude": "KBYTES"}}
      ]}})",
                                       "pools.json");
  REQUIRE(pools);
  CHECK(*pools ==
        std::vector<stm32tvm::PoolOptions>{
            {"dtcm", 131'072, {}}, {"axi", 524'288, {}}, {"sram", 327'680, {}}, {"sdram", 8'388'608, 0xC0000000}});
}

TEST_CASE("what is no description of pools is refused") {
  const auto refused = [](const std::string& pools, const char* needed) {
    const auto result = read_memory_pools(R"({"memory": {"mempools": )" + pools + "}}", "pools.json");
    REQUIRE(!result);
    CAPTURE(result.error().message);
    CHECK(result.error().code == stm32tvm::ErrorCode::bad_option);
    CHECK(result.error().where == "pools.json");
    CHECK(result.error().message.find(needed) != std::string::npos);
  };
  refused("[", "describes no pools");
  refused("[]", "describes no pools");
  refused(R"([{"size": {"value": "1"}}])", "name");
  refused(R"([{"name": "a;b", "size": {"value": "1"}}])", "name");
  refused(R"([{"name": "a"}])", "no size");
  refused(R"([{"name": "a", "size": {"value": "-1"}}])", "no size");
  refused(R"([{"name": "a", "size": {"value": "1 "}}])", "no size");
  refused(R"([{"name": "a", "size": {"value": "1", "magnitude": "GBYTES"}}])", "no size");
  refused(R"([{"name": "a", "size": {"value": "18446744073709551615", "magnitude": "KBYTES"}}])", "no size");
  refused(R"([{"name": "a", "size": {"value": "4", "magnitude": "MBYTES"}, "offset": {"value": "0xFFFFFFFF"}}])",
          "no address");
  refused(R"([{"name": "a", "size": {"value": "1"}}, {"name": "a", "size": {"value": "1"}}])", "two pools");
  refused(R"([{"name": "a", "rights": "ACC_READ", "size": {"value": "1"}}])", "can be written");
}

}  // namespace
