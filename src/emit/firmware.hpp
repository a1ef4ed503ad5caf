// SPDX-License-Identifier: Apache-2.0
// Emits the bare-metal firmware around a network: startup, linker script, console, samples and the main program.
#pragma once

#include <deque>
#include <string>

#include "emit/build/build_description.hpp"
#include "emit/network_layout.hpp"
#include "stm32tvm/project_emitter.hpp"
#include "stm32tvm/result.hpp"
#include "stm32tvm/source_tree.hpp"

namespace stm32tvm {

/// The arena, the stack and the weights fit the target's memories; the error says what does not and by how much.
Result<void> check_fit(const NetworkLayout& layout, const Target& target);

/// The same of all networks of an image together.
Result<void> check_image_fit(const std::deque<NetworkLayout>& layouts, const Target& target);

/// Adds the sources of the firmware of one network or several to the tree and says how to build them. `name` is the
/// project's.
Result<FirmwareBuild> emit_firmware(const std::deque<NetworkLayout>& layouts, const std::string& name,
                                    const EmitOptions& options, SourceTree& tree);

/// The lines of the target's memories in a linker script.
std::string memory_lines(const Target& target);

/// A section for every RAM beside RAM, for what an application puts there.
std::string memory_sections(const Target& target);

/// Whether the core has caches that the start-up code switches on.
bool has_caches(const Target& target);

}  // namespace stm32tvm
