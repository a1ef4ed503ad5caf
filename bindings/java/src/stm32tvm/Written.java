// SPDX-License-Identifier: Apache-2.0
package stm32tvm;

import java.util.List;

/**
 * What {@link SourceTree#writeTo(java.nio.file.Path)} did.
 *
 * @param changed paths of new files, and of files that got other bytes
 * @param removed paths of files of an earlier tree that this one does not have
 * @param unchanged how many files had these bytes already; their time stamps are kept
 */
public record Written(List<String> changed, List<String> removed, int unchanged) {}
