// SPDX-License-Identifier: Apache-2.0
package stm32tvm;

import java.util.List;

/**
 * How an integer tensor stands for real numbers: real = scale * (q - zeroPoint).
 *
 * @param kind "unknown", "unquantized", "per_tensor" or "per_axis"
 * @param source "none", "relay" (scales of six digits), "tflite" (exact) or "caller"
 * @param scales one, or one for each index along the axis; none when they are not known
 * @param zeroPoints as many as scales
 * @param axis -1 unless per_axis
 */
public record Quantization(
    String kind, String source, List<Double> scales, List<Integer> zeroPoints, int axis) {
  /**
   * Null stands for nothing to tell.
   *
   * @param kind as above
   * @param source "none" for null
   * @param scales empty for null; then there is no axis
   * @param zeroPoints empty for null
   * @param axis as above
   */
  public Quantization {
    axis = scales == null ? -1 : axis;
    source = source == null ? "none" : source;
    scales = scales == null ? List.of() : List.copyOf(scales);
    zeroPoints = zeroPoints == null ? List.of() : List.copyOf(zeroPoints);
  }
}
