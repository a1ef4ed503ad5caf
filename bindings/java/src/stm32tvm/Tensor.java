// SPDX-License-Identifier: Apache-2.0
package stm32tvm;

import java.util.List;

/**
 * A network input, an output, a parameter, or an inner tensor.
 *
 * @param name as the archive has it
 * @param sourceName the source model's name of an input or output, or null when it is not known
 * @param identifier C identifier of an input or output; null for other tensors
 * @param type TVM's name: "int8", "float32"
 * @param shape empty for a scalar
 * @param bytes size in memory, without padding
 * @param constant whether it is a parameter, whose values are in the archive
 * @param quantization how its numbers stand for real ones
 * @param viewOf index of the tensor whose bytes this one shows, or null
 * @param viewOffset where in that tensor this one starts, in bytes
 */
public record Tensor(
    String name,
    String sourceName,
    String identifier,
    String type,
    List<Long> shape,
    long bytes,
    boolean constant,
    Quantization quantization,
    Integer viewOf,
    long viewOffset) {}
