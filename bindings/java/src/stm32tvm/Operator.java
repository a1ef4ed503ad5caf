// SPDX-License-Identifier: Apache-2.0
package stm32tvm;

import java.util.List;

/**
 * One call in the network. Tensors are indices into {@link NetworkDescriptor#tensors}, in the order of the call.
 *
 * @param name as the archive has it
 * @param kind "kernel" or "copy"
 * @param kernel C function; empty for a copy
 * @param inputs tensors that it reads
 * @param outputs tensors that it writes
 * @param workspaceBytes sizes of the buffers that the kernel takes with TVMBackendAllocWorkspace
 * @param stackBytes the kernel's local arrays
 */
public record Operator(
    String name,
    String kind,
    String kernel,
    List<Integer> inputs,
    List<Integer> outputs,
    List<Long> workspaceBytes,
    long stackBytes) {}
