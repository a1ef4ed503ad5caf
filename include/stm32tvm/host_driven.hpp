// SPDX-License-Identifier: Apache-2.0
// Step 5, beside ProjectEmitter: firmware that a host drives. TVM's tuners and executors on the host allocate tensors
// on the device, call the archive's kernels on them and time the calls, over a serial line (TVM's microTVM RPC).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "stm32tvm/model_library.hpp"
#include "stm32tvm/result.hpp"
#include "stm32tvm/source_tree.hpp"
#include "stm32tvm/target.hpp"

namespace stm32tvm {
inline namespace v1 {

/// Firmware that a host drives.
struct HostDrivenOptions {
  Target target;
  std::uint64_t stack_bytes = 4096;  ///< for the kernels' local arrays and all calls
  std::uint64_t memory_bytes = 0;    ///< RAM that tensors and workspaces need at least; they get all that is left
  std::vector<std::string> kernel_options;   ///< of gcc, for the archive's sources: "-DNAME=1"
  std::vector<std::string> include_folders;  ///< absolute, for the archive's sources: CMSIS-NN's
  std::vector<std::string> sources;          ///< absolute, compiled with the archive's: CMSIS-NN's
  bool warnings_as_errors = false;           ///< for all but the archive's sources, which are TVM's text
};

/// Emits the firmware with its build.ninja, which builds build/firmware.elf. The archive's sources stay byte for byte:
/// its own tables tell what can be called, so it must have been exported with the C runtime's system library
/// (bad_source when it was not). `module` as in ModelLibrary::network(). Fails with unsupported when the target's
/// serial port is not known.
Result<SourceTree> emit_host_driven(const ModelLibrary& library, const std::string& module,
                                    const HostDrivenOptions& options);

}  // namespace v1
}  // namespace stm32tvm
